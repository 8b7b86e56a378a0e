//! Functions of txkit's in transactions that Diesel's own means began, test transactions among them.

use super::*;

/// Registers hooks that tell of what becomes of a part.
fn tell(tx: &mut DbTx<'_>, name: &'static str, log: &Log) {
    let [kept, undone] = [log.clone(), log.clone()];
    tx.after_commit(move || kept.add(format!("{name} committed")));
    tx.after_rollback(move |why| undone.add(format!("{name} undone: {:?}", why.reason)));
}

#[transactional]
async fn dropped_in(conn: &mut Conn, id: i64, fail: bool) -> diesel::QueryResult<()> {
    raw_insert(conn, id).await?;
    if fail {
        Err(diesel::result::Error::NotFound)
    } else {
        Ok(())
    }
}

#[tokio::test]
async fn r05_a_drop_in_nests_in_the_callers_own_transaction_of_diesels() {
    #[transactional]
    async fn place(tx: DbTx<'_>, id: i64) -> diesel::QueryResult<()> {
        insert(&mut tx, id).await
    }
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    let before = Db::session(&mut conn).await;
    for commit in [false, true] {
        let theirs: Result<(), AppError> = conn
            .transaction(async |conn| {
                dropped_in(conn, 1, false).await?;
                dropped_in(conn, 2, true).await.unwrap_err();
                place(&mut *conn, 3).await?;
                assert_eq!(stage.stored().await, [0_i64; 0], "ours committed theirs");
                if commit { Ok(()) } else { Err(AppError::Other) }
            })
            .await;
        assert_eq!(theirs.is_ok(), commit);
        assert_unchanged(&before, &Db::session(&mut conn).await);
    }
    drop(conn);
    assert_eq!(stage.stored().await, [1, 3]);
    stage.end().await;
}

#[tokio::test]
async fn r10_diesels_own_transaction_inside_a_drop_in_nests() {
    #[transactional]
    async fn outer(conn: &mut Conn, fail: bool) -> Result<(), AppError> {
        raw_insert(conn, 1).await?;
        let inner: Result<(), AppError> = conn
            .transaction(async |conn| {
                raw_insert(conn, 2).await?;
                Err(AppError::Other)
            })
            .await;
        inner.unwrap_err();
        conn.transaction(async |conn| {
            raw_insert(conn, 3).await?;
            Ok::<_, AppError>(())
        })
        .await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    outer(&mut conn, true).await.unwrap_err();
    assert_eq!(stage.stored().await, [0_i64; 0]);
    outer(&mut conn, false).await.unwrap();
    drop(conn);
    assert_eq!(stage.stored().await, [1, 3]);
    stage.end().await;
}

#[tokio::test]
async fn c65_in_diesels_test_transaction_functions_are_logical_transactions() {
    #[transactional]
    async fn place(tx: DbTx<'_>, id: i64, log: &Log, fail: bool) -> Result<(), AppError> {
        tell(&mut tx, if fail { "second" } else { "first" }, log);
        insert(&mut tx, id).await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    let mut conn = stage.rival_connection().await;
    conn.begin_test_transaction().await.unwrap();
    place(&mut conn, 1, &log, false).await.unwrap();
    assert_eq!(log.notes(), ["first committed"]);
    place(&mut conn, 2, &log, true).await.unwrap_err();
    dropped_in(&mut conn, 3, false).await.unwrap();
    assert_eq!(raw_items(&mut conn).await.unwrap(), [1, 3]);
    assert_eq!(log.notes(), ["first committed", "second undone: Error"]);
    drop(conn);
    stage.end().await;
}

#[tokio::test]
async fn r05_in_diesels_test_closure_they_are_part_of_someone_elses() {
    #[transactional]
    async fn place(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
        insert(&mut tx, id).await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    #[transactional]
    async fn hooked(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        tell(&mut tx, "it", log);
        Ok(insert(&mut tx, 3).await?)
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    let mut conn = stage.lease().await;
    let seen = conn
        .test_transaction(async |conn| {
            place(&mut *conn, 1, false).await.unwrap();
            place(&mut *conn, 2, true).await.unwrap_err();
            // Nothing tells it from a transaction that will be committed, of which nobody would tell.
            let error = hooked(&mut *conn, &log).await.unwrap_err().transaction();
            assert!(
                matches!(error, txkit::Error::RollbackOnly { .. }),
                "{error:?}"
            );
            raw_items(conn).await
        })
        .await;
    assert_eq!(seen, [1]);
    assert_eq!(log.notes(), ["it undone: RollbackOnly"]);
    drop(conn);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn r10b_a_handle_is_no_connection_to_begin_a_test_transaction_on() {
    #[transactional]
    async fn begins(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        tx.begin_test_transaction().await.unwrap_err();
        insert(&mut tx, 2).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    begins(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}
