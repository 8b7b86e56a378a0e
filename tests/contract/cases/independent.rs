//! Transactions beside the caller's, and none at all: `requires_new`, `supports`, `not_supported`, `never`, `mandatory`.

use super::*;

/// On SQLite a second writer is refused (see its own cases): a reader shows what every engine can.
#[read_only(propagation = requires_new)]
async fn beside(tx: DbReadTx<'_>) -> Result<Vec<i64>, AppError> {
    Ok(items(&mut tx).await?)
}

#[tokio::test]
async fn c30_an_independent_reader_sees_only_what_is_committed() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        assert_eq!(items(&mut tx).await?, [1, 2]);
        assert_eq!(beside(&mut tx).await?, [1]);
        Ok(())
    }
    let stage = Stage::new().await;
    stage.rival("INSERT INTO item (id) VALUES (1)").await;
    let watch = watch!(beside);
    outer(&stage.pool).await.unwrap();
    assert_eq!(watch.notes(), ["begun 1", "ended 1: committed"]);
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn c31_a_transaction_on_another_database_is_independent() {
    struct Audit {
        pool: Pool,
    }
    impl Audit {
        #[transactional(propagation = requires_new, on = self.pool)]
        async fn record(&self, tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
            insert(&mut tx, id).await?;
            if fail { Err(AppError::Other) } else { Ok(()) }
        }
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, audit: &Audit, fail: bool) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        audit.record(10, false).await?;
        audit.record(11, true).await.unwrap_err();
        if fail {
            Err(AppError::Declined(1))
        } else {
            Ok(())
        }
    }
    let (stage, elsewhere) = (Stage::new().await, Stage::new().await);
    let audit = Audit {
        pool: elsewhere.pool.clone(),
    };
    outer(&stage.pool, &audit, true).await.unwrap_err();
    assert_eq!(
        (stage.stored().await, elsewhere.stored().await),
        (vec![], vec![10])
    );
    elsewhere.rival("DELETE FROM item").await;
    outer(&stage.pool, &audit, false).await.unwrap();
    assert_eq!(
        (stage.stored().await, elsewhere.stored().await),
        (vec![1], vec![10])
    );
    stage.end().await;
    elsewhere.end().await;
}

#[tokio::test]
async fn c32_no_connection_for_the_inner_one_leaves_the_outer_usable() {
    #[transactional]
    async fn outer(tx: DbTx<'_>, pass_on: bool) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let denied = beside(&mut tx).await;
        if pass_on {
            denied?;
        }
        insert(&mut tx, 2).await?;
        Ok(())
    }
    let stage = Stage::built(|db| impatient_pool(db, 2)).await;
    // Both are open before time counts.
    let hog = stage.lease().await;
    drop(stage.lease().await);

    let error = outer(&stage.pool, true).await.unwrap_err().transaction();
    let txkit::Error::Acquire { function, .. } = error else {
        panic!("{error:?}")
    };
    assert!(function.ends_with("::beside"), "{function}");
    assert!(is_pool_timeout(driver_error(&error)), "{error:?}");
    assert_eq!(stage.stored().await, [0_i64; 0]);

    outer(&stage.pool, false).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2]);

    drop(hog);
    assert_eq!(beside(&stage.pool).await.unwrap(), [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn r02_a_transaction_begun_on_a_bare_connection_knows_no_pool() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let error = beside(&mut tx).await.unwrap_err().transaction();
        let txkit::Error::NoPool { function } = error else {
            panic!("{error:?}")
        };
        assert!(function.ends_with("::beside"), "{function}");
        insert(&mut tx, 2).await?;
        Ok(())
    }
    let stage = Stage::new().await;
    let mut conn = stage.lease().await;
    outer(&mut conn).await.unwrap();
    drop(conn);
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[transactional(propagation = not_supported)]
async fn outside(session: DbSession<'_>, fail: bool) -> Result<Vec<i64>, AppError> {
    let seen = items(&mut session).await?;
    if fail {
        Err(AppError::Declined(5))
    } else {
        Ok(seen)
    }
}

#[tokio::test]
async fn c33_not_supported_runs_outside_and_the_outer_goes_on() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        assert_eq!(outside(&mut tx, false).await?, [1]);
        let error = outside(&mut tx, true).await.unwrap_err();
        assert!(matches!(error, AppError::Declined(5)), "{error:?}");
        assert!(!tx.is_rollback_only());
        insert(&mut tx, 3).await?;
        Ok(())
    }
    let stage = Stage::new().await;
    stage.rival("INSERT INTO item (id) VALUES (1)").await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 3]);
    stage.end().await;
}

#[tokio::test]
async fn c33_each_statement_outside_a_transaction_is_stored_on_its_own() {
    #[transactional(propagation = not_supported)]
    async fn loose(session: DbSession<'_>) -> Result<(), AppError> {
        insert(&mut session, 1).await?;
        execute(&mut session, "INSERT INTO taken (id) VALUES (1)")
            .await
            .unwrap_err();
        insert(&mut session, 2).await?;
        session
            .with_conn(async |conn| raw_insert(conn, 3).await)
            .await?;
        Err(AppError::Other)
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    loose(&stage.pool).await.unwrap_err();
    assert_eq!(stage.stored().await, [1, 2, 3]);
    assert_unchanged(&before, &stage.session().await);
    // As on a connection that is not in a transaction.
    let mut conn = stage.lease().await;
    stage.rival("DELETE FROM item").await;
    loose(&mut conn).await.unwrap_err();
    drop(conn);
    assert_eq!(stage.stored().await, [1, 2, 3]);
    stage.end().await;
}

#[tokio::test]
async fn r04_supports_joins_what_there_is() {
    #[transactional(propagation = supports)]
    async fn wherever(session: DbSession<'_>, id: i64) -> Result<(), AppError> {
        insert(&mut session, id).await?;
        Ok(())
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        wherever(&mut tx, 2).await?;
        Err(AppError::Other)
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap_err();
    assert_eq!(stage.stored().await, [0_i64; 0]);
    wherever(&stage.pool, 3).await.unwrap();
    assert_eq!(stage.stored().await, [3]);
    stage.end().await;
}

#[tokio::test]
async fn r04_a_failure_in_supports_marks_what_it_joined() {
    #[transactional(propagation = supports)]
    async fn wherever(session: DbSession<'_>) -> Result<(), AppError> {
        insert(&mut session, 2).await?;
        Err(AppError::Other)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let _swallowed = wherever(&mut tx).await;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let error = outer(&stage.pool).await.unwrap_err().transaction();
    assert!(
        matches!(error, txkit::Error::RollbackOnly { .. }),
        "{error:?}"
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn r04_never_refuses_a_connection_in_a_transaction() {
    #[transactional(propagation = never)]
    async fn alone(session: DbSession<'_>, id: i64) -> Result<(), AppError> {
        insert(&mut session, id).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    alone(&stage.pool, 1).await.unwrap();
    let mut conn = stage.lease().await;
    alone(&mut conn, 2).await.unwrap();
    let mut open = begin_by_driver(&mut conn).await;
    let error = alone(&mut *open, 3).await.unwrap_err().transaction();
    assert!(
        matches!(error, txkit::Error::InTransaction { .. }),
        "{error:?}"
    );
    open.commit().await.unwrap();
    drop(conn);
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn r04_durable_is_the_outermost() {
    #[transactional(durable)]
    async fn durable(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(&mut tx, id).await?)
    }
    let stage = Stage::of(1).await;
    durable(&stage.pool, 1).await.unwrap();
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}
