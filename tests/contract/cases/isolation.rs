//! Engines with several isolation levels: what was asked for is in force, and a join that wants more is an error.

use txkit::Isolation;

use super::*;

#[tokio::test]
async fn r06_the_declared_level_is_in_force_and_gone_afterwards() {
    #[transactional(isolation = read_committed)]
    async fn committed(tx: DbTx<'_>) -> Result<i64, AppError> {
        sees_a_change(&mut tx).await
    }
    #[transactional(isolation = repeatable_read)]
    async fn repeatable(tx: DbTx<'_>) -> Result<i64, AppError> {
        sees_a_change(&mut tx).await
    }
    /// How many rows more are there after someone else has committed one.
    async fn sees_a_change(tx: &mut DbTx<'_>) -> Result<i64, AppError> {
        let count = "SELECT count(*) FROM item";
        let before = number(tx, count).await?;
        let stage = STAGE.with(|stage| stage.borrow().clone()).expect("a stage");
        stage
            .rival(&format!("INSERT INTO item (id) VALUES ({})", before + 1))
            .await;
        Ok(number(tx, count).await? - before)
    }
    thread_local! {
        static STAGE: std::cell::RefCell<Option<std::sync::Arc<Stage>>> = const { std::cell::RefCell::new(None) };
    }
    let stage = std::sync::Arc::new(Stage::of(1).await);
    STAGE.set(Some(stage.clone()));
    let before = stage.session().await;
    assert_eq!(committed(&stage.pool).await.unwrap(), 1);
    assert_eq!(repeatable(&stage.pool).await.unwrap(), 0);
    assert_eq!(committed(&stage.pool).await.unwrap(), 1);
    assert_unchanged(&before, &stage.session().await);
    STAGE.set(None);
    std::sync::Arc::into_inner(stage)
        .expect("the last one")
        .end()
        .await;
}

#[tokio::test]
async fn c23_a_stricter_level_inside_is_an_error_before_the_body() {
    #[serializable]
    async fn strict(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        Ok(insert(&mut tx, 2).await?)
    }
    #[serializable(propagation = nested)]
    async fn strict_nested(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        Ok(insert(&mut tx, 3).await?)
    }
    #[serializable]
    async fn strict_mandatory(tx: &mut DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        Ok(insert(tx, 4).await?)
    }
    async fn all(tx: &mut DbTx<'_>, log: &Log, known: Option<Isolation>) -> Result<(), AppError> {
        insert(tx, 1).await?;
        let errors = [
            strict(&mut *tx, log).await.unwrap_err().transaction(),
            strict_nested(&mut *tx, log)
                .await
                .unwrap_err()
                .transaction(),
            strict_mandatory(tx, log).await.unwrap_err().transaction(),
        ];
        for error in errors {
            let txkit::Error::WeakerIsolation {
                outer,
                wanted,
                actual,
                ..
            } = error
            else {
                panic!("{error:?}")
            };
            assert!(outer.ends_with("_outer"), "{outer}");
            assert_eq!((wanted, actual), (Isolation::Serializable, known));
        }
        assert!(!tx.is_rollback_only(), "nothing ran, nothing failed");
        Ok(())
    }
    #[transactional(isolation = repeatable_read)]
    async fn known_outer(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        all(&mut tx, log, Some(Isolation::RepeatableRead)).await
    }
    // A level that was not asked for counts as weaker.
    #[transactional]
    async fn unknown_outer(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        all(&mut tx, log, None).await
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    known_outer(&stage.pool, &log).await.unwrap();
    stage.rival("DELETE FROM item").await;
    unknown_outer(&stage.pool, &log).await.unwrap();
    assert!(log.notes().is_empty(), "{:?}", log.notes());
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn c23_a_level_asked_for_in_someone_elses_transaction_is_an_error() {
    #[serializable]
    async fn strict(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 1).await?)
    }
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    let mut theirs = begin_by_driver(&mut conn).await;
    let error = strict(&mut *theirs).await.unwrap_err().transaction();
    assert!(
        matches!(error, txkit::Error::WeakerIsolation { .. }),
        "{error:?}"
    );
    raw_insert(&mut theirs, 2).await.unwrap();
    theirs.commit().await.unwrap();
    drop(conn);
    assert_eq!(stage.stored().await, [2]);
    stage.end().await;
}

#[tokio::test]
async fn r06_requires_new_has_its_own_level() {
    #[serializable(propagation = requires_new)]
    async fn strict(tx: DbTx<'_>) -> Result<(), AppError> {
        assert_eq!(tx.isolation(), Some(Isolation::Serializable));
        Ok(insert(&mut tx, 2).await?)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        strict(&mut tx).await
    }
    let stage = Stage::of(2).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}
