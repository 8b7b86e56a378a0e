//! A bare connection in a transaction that someone else began: ours is a savepoint, and their commit decides (R5).

use super::*;

#[transactional]
async fn store(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
    insert(&mut tx, id).await?;
    if fail {
        Err(AppError::Declined(1))
    } else {
        Ok(())
    }
}

/// Stores 1 themselves, 2 through us, fails at 3 through us, stores 4 through a nested call of ours.
async fn work(conn: &mut Conn) {
    #[transactional]
    async fn nesting(tx: DbTx<'_>) -> Result<(), AppError> {
        deeper(&mut tx, 5, true).await.unwrap_err();
        deeper(&mut tx, 4, false).await
    }
    #[transactional(propagation = nested)]
    async fn deeper(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
        insert(&mut tx, id).await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    raw_insert(conn, 1).await.unwrap();
    store(&mut *conn, 2, false).await.unwrap();
    let error = store(&mut *conn, 3, true).await.unwrap_err();
    assert!(matches!(error, AppError::Declined(1)), "{error:?}");
    nesting(&mut *conn).await.unwrap();
}

#[tokio::test]
async fn r05_in_a_transaction_begun_by_the_driver() {
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    let before = Db::session(&mut conn).await;

    let mut theirs = begin_by_driver(&mut conn).await;
    work(&mut theirs).await;
    assert_eq!(stage.stored().await, [0_i64; 0], "ours committed theirs");
    theirs.rollback().await.unwrap();
    assert_eq!(stage.stored().await, [0_i64; 0]);

    let mut theirs = begin_by_driver(&mut conn).await;
    work(&mut theirs).await;
    theirs.commit().await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 4]);
    assert_unchanged(&before, &Db::session(&mut conn).await);
    drop(conn);
    stage.end().await;
}

#[tokio::test]
async fn r05_in_a_transaction_begun_by_raw_sql() {
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    let before = Db::session(&mut conn).await;

    raw(&mut conn, "BEGIN").await.unwrap();
    work(&mut conn).await;
    assert_eq!(stage.stored().await, [0_i64; 0], "ours committed theirs");
    raw(&mut conn, "ROLLBACK").await.unwrap();
    assert_eq!(stage.stored().await, [0_i64; 0]);

    raw(&mut conn, "BEGIN").await.unwrap();
    work(&mut conn).await;
    raw(&mut conn, "COMMIT").await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 4]);
    assert_unchanged(&before, &Db::session(&mut conn).await);
    drop(conn);
    stage.end().await;
}

#[tokio::test]
async fn r05_drop_ins_nest_in_both() {
    #[transactional]
    async fn dropped_in(conn: &mut Conn, id: i64, fail: bool) -> Result<(), AppError> {
        raw_insert(conn, id).await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    let mut theirs = begin_by_driver(&mut conn).await;
    dropped_in(&mut theirs, 1, false).await.unwrap();
    dropped_in(&mut theirs, 2, true).await.unwrap_err();
    theirs.commit().await.unwrap();
    raw(&mut conn, "BEGIN").await.unwrap();
    dropped_in(&mut conn, 3, false).await.unwrap();
    dropped_in(&mut conn, 4, true).await.unwrap_err();
    assert_eq!(stage.stored().await, [1]);
    raw(&mut conn, "COMMIT").await.unwrap();
    assert_eq!(stage.stored().await, [1, 3]);
    drop(conn);
    stage.end().await;
}

#[tokio::test]
async fn r05_a_commit_that_is_someone_elses_cannot_be_waited_for() {
    #[transactional]
    async fn hooked(tx: DbTx<'_>, log: Log) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        tx.after_commit(move || log.add("committed"));
        Ok(())
    }
    #[transactional]
    async fn cleans_up(tx: DbTx<'_>, log: Log) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        tx.after_rollback(move |_| log.add("undone"));
        Err(AppError::Other)
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    let mut conn = stage.lease().await;
    let mut theirs = begin_by_driver(&mut conn).await;
    let error = hooked(&mut *theirs, log.clone())
        .await
        .unwrap_err()
        .transaction();
    assert!(
        matches!(error, txkit::Error::RollbackOnly { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("after_commit"), "{error}");
    // What is undone here and now can be told.
    cleans_up(&mut *theirs, log.clone()).await.unwrap_err();
    theirs.commit().await.unwrap();
    drop(conn);
    assert_eq!(log.notes(), ["undone"]);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn r05_requires_new_needs_a_pool_there() {
    #[transactional(propagation = requires_new)]
    async fn beside(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 1).await?)
    }
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    let mut theirs = begin_by_driver(&mut conn).await;
    let error = beside(&mut *theirs).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::NoPool { .. }), "{error:?}");
    raw_insert(&mut theirs, 2).await.unwrap();
    theirs.commit().await.unwrap();
    raw(&mut conn, "BEGIN").await.unwrap();
    let error = beside(&mut conn).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::NoPool { .. }), "{error:?}");
    raw_insert(&mut conn, 3).await.unwrap();
    raw(&mut conn, "COMMIT").await.unwrap();
    drop(conn);
    assert_eq!(stage.stored().await, [2, 3]);
    stage.end().await;
}
