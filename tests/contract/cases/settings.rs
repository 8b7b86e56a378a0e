//! What a transaction sets is gone with it (R15), and read only means it (R7).

use super::*;

#[transactional(lock_timeout = "3s")]
async fn impatient(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
    insert(&mut tx, id).await?;
    if fail { Err(AppError::Other) } else { Ok(()) }
}

#[serializable(read_only, lock_timeout = "3s")]
async fn looks(tx: DbReadTx<'_>, fail: bool) -> Result<Vec<i64>, AppError> {
    let seen = items(&mut tx).await?;
    if fail { Err(AppError::Other) } else { Ok(seen) }
}

#[tokio::test]
async fn r15_no_setting_outlives_its_transaction() {
    let stage = Stage::of(1).await;
    stage.stamp().await;
    let before = stage.session().await;
    for fail in [false, true] {
        let _ended = impatient(&stage.pool, 1, fail).await;
        assert_unchanged(&before, &stage.session().await);
        let _ended = looks(&stage.pool, fail).await;
        assert_unchanged(&before, &stage.session().await);
    }
    assert!(
        stage.is_stamped().await,
        "the connection was closed: its settings need not have been restored"
    );
    // Writable, and at the default isolation.
    impatient(&stage.pool, 2, false).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn r15_nor_on_a_borrowed_connection() {
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    let before = Db::session(&mut conn).await;
    for fail in [false, true] {
        let _ended = impatient(&mut conn, 1, fail).await;
        assert_unchanged(&before, &Db::session(&mut conn).await);
        let _ended = looks(&mut conn, fail).await;
        assert_unchanged(&before, &Db::session(&mut conn).await);
    }
    raw_insert(&mut conn, 2).await.unwrap();
    drop(conn);
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn r15_nor_after_a_panic_or_a_timeout() {
    #[transactional(lock_timeout = "3s", timeout = "300ms")]
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
async fn c24_r07_the_database_refuses_changes_in_a_transaction_that_began_read_only() {
    const CHANGES: &[&str] = &[
        "INSERT INTO item (id) VALUES (1)",
        "UPDATE taken SET n = 9",
        "DELETE FROM taken",
    ];
    #[read_only]
    async fn passes_on(tx: DbReadTx<'_>, sql: &str) -> Result<(), AppError> {
        execute(&mut tx, sql).await?;
        Ok(())
    }
    #[read_only]
    async fn lends(tx: DbReadTx<'_>, sql: &str) -> Result<(), AppError> {
        tx.with_conn(async |conn| raw(conn, sql).await).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    for sql in CHANGES {
        let error = passes_on(&stage.pool, sql).await.expect_err(sql);
        assert!(is_from_database(driver_error(&error)), "{sql}: {error:?}");
        lends(&stage.pool, sql).await.expect_err(sql);
        assert_unchanged(&before, &stage.session().await);
    }
    assert_eq!(stage.stored().await, [0_i64; 0]);
    let mut conn = stage.lease().await;
    let rows = raw_number(&mut conn, "SELECT count(*) FROM taken WHERE n = 0").await;
    assert_eq!(rows.unwrap(), 2);
    drop(conn);
    stage.end().await;
}

#[tokio::test]
async fn r07_a_reader_joins_a_writer_and_sees_its_work() {
    #[read_only]
    async fn counts(tx: DbReadTx<'_>) -> Result<Vec<i64>, AppError> {
        Ok(items(&mut tx).await?)
    }
    #[transactional]
    async fn writes(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        assert_eq!(counts(&mut tx).await?, [1]);
        insert(&mut tx, 2).await?;
        Ok(())
    }
    #[read_only]
    async fn twice(tx: DbReadTx<'_>) -> Result<usize, AppError> {
        Ok(counts(&mut tx).await?.len() + counts(&mut tx).await?.len())
    }
    let stage = Stage::of(1).await;
    writes(&stage.pool).await.unwrap();
    assert_eq!(twice(&stage.pool).await.unwrap(), 4);
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}
