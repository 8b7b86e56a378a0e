//! Limits: of time, of locks, and of a pool's connections (c70 to c78, where no future is dropped).

use std::time::Duration;

use super::*;

#[tokio::test]
async fn c72_a_timeout_rolls_back_and_the_connection_is_clean() {
    #[transactional(timeout = "300ms")]
    async fn slow(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        log.add("ran");
        outlast(&mut tx).await
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    let before = stage.session().await;
    let error = slow(&stage.pool, &log).await.unwrap_err().transaction();
    let txkit::Error::Timeout { timeout, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(timeout, Duration::from_millis(300));
    assert_eq!(error.outcome(), txkit::Outcome::RolledBack);
    assert_eq!(log.notes(), ["ran"]);
    assert_unchanged(&before, &stage.session().await);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c72_an_ok_that_comes_too_late_is_not_committed() {
    #[transactional(timeout = "200ms")]
    async fn late(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        sleep(Duration::from_millis(500)).await;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let error = late(&stage.pool).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::Timeout { .. }), "{error:?}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c74_requires_new_on_a_pool_of_one_is_an_error_at_once() {
    #[read_only(propagation = requires_new)]
    async fn beside(tx: DbReadTx<'_>) -> Result<Vec<i64>, AppError> {
        Ok(items(&mut tx).await?)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let asked = std::time::Instant::now();
        let error = beside(&mut tx).await.unwrap_err().transaction();
        assert!(asked.elapsed() < Duration::from_secs(2), "it hung");
        let txkit::Error::Starved { max: 1, .. } = error else {
            panic!("{error:?}")
        };
        insert(&mut tx, 2).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(beside(&stage.pool).await.unwrap(), [1, 2]);
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c74_as_many_callers_as_connections_get_a_second_one_or_an_error_at_once() {
    #[read_only(propagation = requires_new)]
    async fn beside(tx: DbReadTx<'_>) -> Result<Vec<i64>, AppError> {
        Ok(items(&mut tx).await?)
    }
    #[read_only]
    async fn outer(tx: DbReadTx<'_>) -> Result<usize, AppError> {
        let seen = items(&mut tx).await?.len();
        sleep(Duration::from_millis(30)).await;
        Ok(seen + beside(&mut tx).await?.len())
    }
    let stage = Stage::of(3).await;
    stage.rival("INSERT INTO item (id) VALUES (1)").await;
    let tasks: Vec<_> = (0..9)
        .map(|_| {
            let pool = stage.pool.clone();
            spawn(async move { outer(&pool).await })
        })
        .collect();
    let begun = std::time::Instant::now();
    for task in tasks {
        match finished(task).await {
            Ok(seen) => assert_eq!(seen, 2),
            Err(error) => {
                let error = error.transaction();
                assert!(matches!(error, txkit::Error::Starved { .. }), "{error:?}");
            }
        }
    }
    let waited = begun.elapsed();
    assert!(waited < Duration::from_secs(4), "they waited for each other");
    stage.end().await;
}

#[tokio::test]
async fn c75_a_lock_timeout_is_a_conflict_in_bounded_time_and_does_not_outlive_the_transaction() {
    #[transactional(lock_timeout = "1s")]
    async fn c75_waits(tx: DbTx<'_>) -> Result<(), AppError> {
        execute(&mut tx, "UPDATE taken SET n = 5 WHERE id = 1").await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    let mut rival = stage.rival_connection().await;
    let lock = "BEGIN; UPDATE taken SET n = 4 WHERE id = 1";
    raw(&mut rival, lock).await.unwrap();
    let (asked, watch) = (std::time::Instant::now(), watch!(c75_waits));
    let error = c75_waits(&stage.pool).await.unwrap_err();
    let waited = asked.elapsed();
    assert!(
        (Duration::from_millis(700)..Duration::from_secs(4)).contains(&waited),
        "{waited:?}"
    );
    assert_eq!(txkit::find_conflict(&error), Some(CONFLICT), "{error:?}");
    raw(&mut rival, "ROLLBACK").await.unwrap();
    let notes = watch.notes();
    let told = notes.iter().all(|note| note.contains(&format!("{CONFLICT:?}")) || note == "begun 1");
    assert!(told, "{notes:?}");
    assert_unchanged(&before, &stage.session().await);
    c75_waits(&stage.pool).await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn c77_a_begin_that_fails_leaves_the_pool_clean() {
    #[transactional(isolation = serializable, lock_timeout = "3s")]
    async fn place(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(&mut tx, id).await?)
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    let mut conn = stage.lease().await;
    // Half of what BEGIN is made of would be done where it is refused: someone's transaction is open.
    raw(&mut conn, "BEGIN").await.unwrap();
    let _perhaps_refused = place(&mut conn, 1).await;
    raw(&mut conn, "ROLLBACK").await.unwrap();
    assert_unchanged(&before, &Db::session(&mut conn).await);
    drop(conn);
    place(&stage.pool, 2).await.unwrap();
    assert_unchanged(&before, &stage.session().await);
    assert_eq!(stage.stored().await, [2]);
    stage.end().await;
}
