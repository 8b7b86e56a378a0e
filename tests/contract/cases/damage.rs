//! What the engine gave up, and what was ended behind txkit's back: never a false `Ok`, nothing stored on its own.

use super::*;

#[tokio::test]
async fn c09_a_swallowed_error_that_ruined_the_transaction_is_poisoned_with_its_first_cause() {
    #[transactional]
    async fn c09_swallow(tx: DbTx<'_>, stage: &Stage, log: &Log) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        log.add(ruin(&mut tx, stage).await);
        Ok(())
    }
    let stage = Stage::new().await;
    let (log, watch) = (Log::default(), watch!(c09_swallow));

    let error = c09_swallow(&stage.pool, &stage, &log)
        .await
        .unwrap_err()
        .transaction();

    let txkit::Error::Poisoned { source, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(vec![source.to_string()], log.notes());
    assert_eq!(source.conflict(), RUIN);
    assert_eq!(error.outcome(), txkit::Outcome::RolledBack);
    let conflict = RUIN
        .map(|conflict| format!(", {conflict:?}"))
        .unwrap_or_default();
    assert_eq!(
        watch.notes(),
        [
            "begun 1".to_owned(),
            format!("ended 1: rolled_back, Poisoned{conflict}")
        ]
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c10_statements_after_the_engine_gave_up_are_refused_and_none_is_stored() {
    #[transactional]
    async fn go_on(tx: DbTx<'_>, stage: &Stage) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        ruin(&mut tx, stage).await;
        for id in 2..5 {
            assert!(insert(&mut tx, id).await.is_err(), "item {id} was accepted");
            assert!(send(&mut tx, "SELECT 1").await.is_err());
        }
        assert!(
            tx.with_conn(async |conn| raw_insert(conn, 5).await)
                .await
                .is_err()
        );
        assert!(items(&mut tx).await.is_err());
        Ok(())
    }
    let stage = Stage::new().await;
    go_on(&stage.pool, &stage).await.unwrap_err();
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c10_statements_of_joined_functions_are_refused_too() {
    #[transactional]
    async fn joined(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(&mut tx, id).await?)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, stage: &Stage) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        ruin(&mut tx, stage).await;
        assert!(joined(&mut tx, 2).await.is_err());
        Ok(())
    }
    let stage = Stage::new().await;
    let error = outer(&stage.pool, &stage).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::Poisoned { .. }), "{error:?}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c38_a_savepoint_that_cannot_be_made_is_an_error_and_nothing_is_stored_on_its_own() {
    #[transactional(propagation = nested)]
    async fn nested(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        Ok(insert(&mut tx, 2).await?)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, stage: &Stage, log: &Log) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        ruin(&mut tx, stage).await;
        let error = nested(&mut tx, log).await.unwrap_err().transaction();
        assert!(matches!(error, txkit::Error::Savepoint { .. }), "{error:?}");
        insert(&mut tx, 3).await.unwrap_err();
        Ok(())
    }
    let (stage, log) = (Stage::new().await, Log::default());
    let error = outer(&stage.pool, &stage, &log)
        .await
        .unwrap_err()
        .transaction();
    assert!(matches!(error, txkit::Error::Poisoned { .. }), "{error:?}");
    assert!(log.notes().is_empty(), "the body ran without its savepoint");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn r10_after_damage_an_err_of_the_body_is_still_the_bodys_own() {
    #[transactional]
    async fn own_words(tx: DbTx<'_>, stage: &Stage) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        ruin(&mut tx, stage).await;
        Err(AppError::Declined(3))
    }
    let stage = Stage::of(1).await;
    let error = own_words(&stage.pool, &stage).await.unwrap_err();
    assert!(matches!(error, AppError::Declined(3)), "{error:?}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    // The next borrower of the connection is none the wiser.
    let mut conn = stage.lease().await;
    assert!(!in_transaction(&mut conn).await);
    raw_insert(&mut conn, 8).await.unwrap();
    drop(conn);
    assert_eq!(stage.stored().await, [8]);
    stage.end().await;
}

#[tokio::test]
async fn r10_commit_on_does_not_commit_a_ruined_transaction() {
    #[transactional(commit_on(AppError::Declined(_)))]
    async fn charge(tx: DbTx<'_>, stage: &Stage) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        ruin(&mut tx, stage).await;
        Err(AppError::Declined(3))
    }
    let stage = Stage::new().await;
    let error = charge(&stage.pool, &stage).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::Poisoned { .. }), "{error:?}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn r10b_transaction_control_through_the_handle_is_refused_before_it_is_sent() {
    #[transactional]
    async fn meddle(tx: DbTx<'_>, sql: &str) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        for refused in [
            execute(&mut tx, sql).await.map(drop),
            send(&mut tx, sql).await,
        ] {
            let error = refused.expect_err(sql);
            let text = chain(&error)
                .iter()
                .map(ToString::to_string)
                .collect::<String>();
            assert!(text.contains("was not sent"), "{sql}: {text}");
        }
        Err(AppError::Other)
    }
    #[transactional]
    async fn meddle_and_go_on(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        execute(&mut tx, "COMMIT").await.unwrap_err();
        insert(&mut tx, 2).await?;
        Ok(())
    }
    let stage = Stage::new().await;
    let statements = [
        "BEGIN",
        "COMMIT",
        "rollback",
        "/* now */ COMMIT",
        "SAVEPOINT mine",
        "RELEASE SAVEPOINT txk_1",
        "ROLLBACK TO SAVEPOINT txk_1",
        "SELECT 1; COMMIT",
    ];
    for sql in statements {
        let error = meddle(&stage.pool, sql).await.unwrap_err();
        assert!(matches!(error, AppError::Other), "{sql}: {error:?}");
        assert_eq!(stage.stored().await, [0_i64; 0], "{sql}");
    }
    // Nothing was sent, so nothing was damaged.
    meddle_and_go_on(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}
