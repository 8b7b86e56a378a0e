//! Drivers that can limit a statement's time: through all of them but Diesel's SQLite, which cannot be interrupted.

use super::*;

#[transactional(lock_timeout = "3s", statement_timeout = "9s")]
async fn impatient(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
    insert(&mut tx, id).await?;
    if fail { Err(AppError::Other) } else { Ok(()) }
}

#[serializable(read_only, lock_timeout = "3s", statement_timeout = "9s")]
async fn looks(tx: DbReadTx<'_>, fail: bool) -> Result<Vec<i64>, AppError> {
    let seen = items(&mut tx).await?;
    if fail { Err(AppError::Other) } else { Ok(seen) }
}

#[tokio::test]
async fn c75_r15_it_does_not_outlive_its_transaction() {
    let stage = Stage::of(1).await;
    stage.stamp().await;
    let before = stage.session().await;
    for fail in [false, true] {
        let _ended = impatient(&stage.pool, 1, fail).await;
        assert_unchanged(&before, &stage.session().await);
        let _ended = looks(&stage.pool, fail).await;
        assert_unchanged(&before, &stage.session().await);
    }
    let mut conn = stage.lease().await;
    for fail in [false, true] {
        let _ended = impatient(&mut conn, 2, fail).await;
        let _ended = looks(&mut conn, fail).await;
        assert_unchanged(&before, &Db::session(&mut conn).await);
    }
    drop(conn);
    assert!(
        stage.is_stamped().await,
        "the connection was closed: its settings need not have been restored"
    );
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn r15_nor_a_panic_or_a_timeout() {
    #[transactional(lock_timeout = "3s", statement_timeout = "9s", timeout = "300ms")]
    async fn ends_badly(tx: DbTx<'_>, panic: bool) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        assert!(!panic, "as it was asked to");
        outlast(&mut tx).await
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    caught(async { ends_badly(&stage.pool, true).await })
        .await
        .unwrap_err();
    assert_unchanged(&before, &stage.session().await);
    ends_badly(&stage.pool, false).await.unwrap_err();
    assert_unchanged(&before, &stage.session().await);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn r06_a_join_cannot_apply_it_and_says_so() {
    #[transactional(statement_timeout = "5s")]
    async fn r06_limited(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 1).await?)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        r06_limited(&mut tx).await
    }
    let stage = Stage::of(1).await;
    let watch = watch!(r06_limited);
    outer(&stage.pool).await.unwrap();
    assert_eq!(watch.notes(), ["ignored: statement_timeout"]);
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn c75_a_statement_that_takes_too_long_is_interrupted_and_no_conflict() {
    #[transactional(statement_timeout = "300ms")]
    #[retry_on_conflict(attempts = 3)]
    async fn too_slow(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        insert(&mut tx, 1).await?;
        number(&mut tx, FOR_EVER).await?;
        Ok(())
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    let before = stage.session().await;
    let begun = std::time::Instant::now();
    let error = too_slow(&stage.pool, &log).await.unwrap_err();
    assert!(begun.elapsed() < std::time::Duration::from_secs(10));
    assert_eq!(txkit::find_conflict(&error), None, "{error:?}");
    assert_eq!(log.notes(), ["ran"]);
    assert_unchanged(&before, &stage.session().await);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}
