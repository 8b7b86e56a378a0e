//! Engines that can refuse a COMMIT for certain: a deferred constraint fails there.

use super::*;

#[transactional]
async fn owes(tx: DbTx<'_>, log: Log) -> Result<(), AppError> {
    let [committed, undone] = [log.clone(), log.clone()];
    tx.after_commit(move || committed.add("committed"));
    tx.after_rollback(move |why| undone.add(format!("undone: {:?}", why.reason)));
    insert(&mut tx, 1).await?;
    execute(&mut tx, owed::VIOLATION).await?;
    log.add("ran");
    Ok(())
}

#[tokio::test]
async fn c04_c07_a_constraint_that_fails_at_commit_is_its_error_and_hooks_know() {
    let (stage, log) = (Stage::of(1).await, Log::default());
    stage.rival(owed::SCHEMA).await;
    let before = stage.session().await;

    let error = owes(&stage.pool, log.clone())
        .await
        .unwrap_err()
        .transaction();

    let txkit::Error::Commit {
        function,
        attempts: 1,
        conflict: None,
        ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert!(function.ends_with("::owes"), "{function}");
    assert_eq!(code_of(&error).as_deref(), Some(owed::CODE));
    assert_eq!(error.outcome(), txkit::Outcome::RolledBack);
    assert_eq!(log.notes(), ["ran", "undone: NotCommitted"]);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    assert_unchanged(&before, &stage.session().await);
    stage.end().await;
}

#[tokio::test]
async fn c07_it_is_no_conflict_and_not_retried() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn stubborn(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        execute(&mut tx, owed::VIOLATION).await?;
        Ok(())
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    stage.rival(owed::SCHEMA).await;
    let error = stubborn(&stage.pool, &log).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::Commit { .. }), "{error:?}");
    assert_eq!(log.notes(), ["ran"]);
    stage.end().await;
}

#[tokio::test]
async fn c11_when_commit_on_cannot_commit_both_errors_are_findable() {
    #[transactional(commit_on(AppError::Declined(_)))]
    async fn keeps(tx: DbTx<'_>) -> Result<(), AppError> {
        execute(&mut tx, owed::VIOLATION).await?;
        Err(AppError::Declined(40))
    }
    let stage = Stage::of(1).await;
    stage.rival(owed::SCHEMA).await;
    let error = keeps(&stage.pool).await.unwrap_err().transaction();
    let txkit::Error::Commit { ref body, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(body.as_deref(), Some("declined: 40"));
    assert!(error.to_string().contains("declined: 40"), "{error}");
    assert_eq!(code_of(&error).as_deref(), Some(owed::CODE));
    stage.end().await;
}

#[tokio::test]
async fn r13_the_first_cause_is_the_source_through_the_drivers_error_type_too() {
    #[transactional]
    async fn owes(tx: DbTx<'_>) -> Result<(), DriverError> {
        execute(&mut tx, owed::VIOLATION).await.map(drop)
    }
    let stage = Stage::of(1).await;
    stage.rival(owed::SCHEMA).await;
    let error = owes(&stage.pool).await.unwrap_err();
    assert!(
        !is_from_database(&error),
        "it looks like a statement's error: {error:?}"
    );
    assert_eq!(code_of(&error).as_deref(), Some(owed::CODE));
    stage.end().await;
}

#[tokio::test]
async fn r10_the_same_through_a_lent_connection() {
    #[transactional]
    async fn lends(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        tx.with_conn(async |conn| raw(conn, owed::VIOLATION).await)
            .await?;
        Ok(())
    }
    #[transactional]
    async fn dropped_in(conn: &mut Conn) -> Result<(), AppError> {
        raw_insert(conn, 1).await?;
        raw(conn, owed::VIOLATION).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    stage.rival(owed::SCHEMA).await;
    let before = stage.session().await;
    let error = lends(&stage.pool).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::Commit { .. }), "{error:?}");
    assert_unchanged(&before, &stage.session().await);
    let mut conn = stage.lease().await;
    let error = dropped_in(&mut conn).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::Commit { .. }), "{error:?}");
    assert_unchanged(&before, &Db::session(&mut conn).await);
    drop(conn);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}
