//! The raw connection, lent: helpers nest, and what ends our transaction there is found at the end.

use super::*;

#[tokio::test]
async fn c14_a_helper_that_begins_and_commits_on_the_lent_connection_nests() {
    #[transactional]
    async fn with_helper(tx: DbTx<'_>, commit: bool, fail: bool) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        tx.with_conn(async |conn| insert_by_driver(conn, 2, commit).await)
            .await?;
        insert(&mut tx, 3).await?;
        tx.with_conn(async |conn| insert_by_driver(conn, 4, commit).await)
            .await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;

    with_helper(&stage.pool, true, true).await.unwrap_err();
    assert_eq!(
        stage.stored().await,
        [0_i64; 0],
        "the helper committed for us"
    );
    with_helper(&stage.pool, false, false).await.unwrap();
    assert_eq!(stage.stored().await, [1, 3]);
    stage.rival("DELETE FROM item").await;
    with_helper(&stage.pool, true, false).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 3, 4]);

    assert_unchanged(&before, &stage.session().await);
    stage.end().await;
}

#[tokio::test]
async fn c13_c14_a_raw_ending_on_the_lent_connection_is_partly_committed_and_not_retried() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn ended(tx: DbTx<'_>, sql: &str, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        let hooks = [log.clone(), log.clone(), log.clone()];
        let [committed, rolled_back, unknown] = hooks;
        tx.after_commit(move || committed.add("committed"));
        tx.after_rollback(move |_| rolled_back.add("rolled back"));
        tx.after_unknown(move || unknown.add("unknown"));
        insert(&mut tx, 1).await?;
        tx.with_conn(async |conn| raw(conn, sql).await).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    for sql in RAW_ENDINGS {
        let log = Log::default();
        let error = ended(&stage.pool, sql, &log)
            .await
            .expect_err(sql)
            .transaction();
        assert!(
            matches!(error, txkit::Error::PartlyCommitted { .. }),
            "{sql}: {error:?}"
        );
        assert_eq!(error.outcome(), txkit::Outcome::PartlyCommitted);
        assert_eq!(log.notes(), ["ran"], "{sql}");
        stage.rival("DELETE FROM item").await;
        assert_unchanged(&before, &stage.session().await);
    }
    stage.end().await;
}

#[tokio::test]
async fn c14_a_raw_ending_inside_a_savepoint_is_found_as_well() {
    #[transactional(propagation = nested)]
    async fn nested(tx: DbTx<'_>, sql: &str) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        tx.with_conn(async |conn| raw(conn, sql).await).await?;
        Ok(())
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, sql: &str) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let _swallowed = nested(&mut tx, sql).await;
        let _refused = insert(&mut tx, 3).await;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    for sql in RAW_ENDINGS {
        outer(&stage.pool, sql).await.expect_err(sql);
        stage.rival("DELETE FROM item").await;
        assert_unchanged(&before, &stage.session().await);
    }
    stage.end().await;
}

#[tokio::test]
async fn r10_lending_inside_a_savepoint_does_not_confuse_the_proof_at_commit() {
    #[transactional(propagation = nested)]
    async fn nested(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
        tx.with_conn(async |conn| raw_insert(conn, id).await)
            .await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        nested(&mut tx, 2, false).await?;
        nested(&mut tx, 3, true).await.unwrap_err();
        tx.with_conn(async |conn| raw_insert(conn, 4).await).await?;
        nested(&mut tx, 5, true).await.unwrap_err();
        nested(&mut tx, 6, false).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 4, 6]);
    stage.end().await;
}

#[tokio::test]
async fn r10_the_error_of_lent_work_comes_out_and_is_seen() {
    #[transactional]
    async fn lent(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let duplicate = "INSERT INTO taken (id) VALUES (1)";
        let error = tx
            .with_conn(async |conn| raw(conn, duplicate).await)
            .await
            .unwrap_err();
        Err(AppError::Database(error))
    }
    let stage = Stage::of(1).await;
    let AppError::Database(error) = lent(&stage.pool).await.unwrap_err() else {
        panic!("another error")
    };
    assert!(is_duplicate(&error));
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

mod drop_in {
    //! `conn: &mut C`, the function one has.

    use super::*;

    #[transactional]
    async fn store(conn: &mut Conn, id: i64, fail: bool) -> Result<(), AppError> {
        raw_insert(conn, id).await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }

    #[tokio::test]
    async fn r10_begins_and_ends_on_an_idle_connection() {
        let stage = Stage::of(1).await;
        let mut conn = stage.lease().await;
        let before = Db::session(&mut conn).await;
        store(&mut conn, 1, false).await.unwrap();
        store(&mut conn, 2, true).await.unwrap_err();
        assert_unchanged(&before, &Db::session(&mut conn).await);
        assert_eq!(stage.stored().await, [1]);
        drop(conn);
        stage.end().await;
    }

    #[tokio::test]
    async fn r10_nests_in_another_drop_in() {
        #[transactional]
        async fn both(conn: &mut Conn, fail: bool) -> Result<(), AppError> {
            store(conn, 1, false).await?;
            store(conn, 2, true).await.unwrap_err();
            if fail { Err(AppError::Other) } else { Ok(()) }
        }
        let stage = Stage::of(1).await;
        let mut conn = stage.lease().await;
        both(&mut conn, true).await.unwrap_err();
        assert_eq!(stage.stored().await, [0_i64; 0]);
        both(&mut conn, false).await.unwrap();
        assert_eq!(stage.stored().await, [1]);
        drop(conn);
        stage.end().await;
    }

    #[tokio::test]
    async fn c14_helpers_nest_and_raw_endings_are_found() {
        #[transactional]
        async fn helped(conn: &mut Conn, fail: bool) -> Result<(), AppError> {
            raw_insert(conn, 1).await?;
            insert_by_driver(conn, 2, true).await?;
            insert_by_driver(conn, 3, false).await?;
            if fail { Err(AppError::Other) } else { Ok(()) }
        }
        #[transactional]
        async fn ended(conn: &mut Conn, sql: &str) -> Result<(), AppError> {
            raw_insert(conn, 1).await?;
            raw(conn, sql).await?;
            Ok(())
        }
        let stage = Stage::of(1).await;
        let mut conn = stage.lease().await;
        let before = Db::session(&mut conn).await;
        helped(&mut conn, true).await.unwrap_err();
        assert_eq!(stage.stored().await, [0_i64; 0]);
        for sql in RAW_ENDINGS {
            let error = ended(&mut conn, sql).await.expect_err(sql).transaction();
            assert!(
                matches!(error, txkit::Error::PartlyCommitted { .. }),
                "{sql}: {error:?}"
            );
            stage.rival("DELETE FROM item").await;
            assert_unchanged(&before, &Db::session(&mut conn).await);
        }
        helped(&mut conn, false).await.unwrap();
        assert_eq!(stage.stored().await, [1, 2]);
        drop(conn);
        stage.end().await;
    }
}
