//! Engines behind a wire: what is sent on it, in how many round trips, and what becomes of a message lost.

use txkit_tests::wire::Fault;

use super::*;

#[transactional(propagation = nested)]
async fn savepoint(tx: DbTx<'_>, fail: bool) -> Result<(), AppError> {
    send(&mut tx, "SELECT 3").await?;
    if fail { Err(AppError::Other) } else { Ok(()) }
}

/// What a function costs, and what it sent.
async fn cost(tally: &Tally, call: impl AsyncFn() -> Result<(), AppError>) -> (usize, Vec<String>) {
    // What a driver prepares it prepares once for each connection.
    let _warm = call().await;
    tally.settled().await;
    tally.proxy.clear();
    let _result = call().await;
    tally.settled().await;
    (tally.round_trips(), tally.statements())
}

#[tokio::test]
async fn c20_joins_send_nothing_of_their_own() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        send(&mut tx, "SELECT 1").await?;
        joined(&mut tx).await?;
        joined_by_reference(&mut tx).await
    }
    #[transactional]
    async fn joined(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(send(&mut tx, "SELECT 2").await?)
    }
    #[transactional]
    async fn joined_by_reference(tx: &mut DbTx<'_>) -> Result<(), AppError> {
        Ok(send(tx, "SELECT 3").await?)
    }
    let (stage, tally) = Stage::tally(1).await;
    let (trips, sent) = cost(&tally, async || outer(&stage.pool).await).await;
    assert_eq!(sent.len(), 5, "{sent:?}");
    assert_eq!(sent[1..4], ["SELECT 1", "SELECT 2", "SELECT 3"]);
    assert_eq!(trips, 2 + 3 * SENDING, "begin 1, commit 1");
    stage.end().await;
}

#[tokio::test]
async fn c34_r03_savepoints_are_numbered_released_and_undone_in_one_message() {
    #[transactional(propagation = nested)]
    async fn two_deep(tx: DbTx<'_>) -> Result<(), AppError> {
        savepoint(&mut tx, false).await
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        savepoint(&mut tx, false).await?;
        savepoint(&mut tx, true).await.unwrap_err();
        two_deep(&mut tx).await
    }
    let (stage, tally) = Stage::tally(1).await;
    for _ in 0..2 {
        let (trips, sent) = cost(&tally, async || outer(&stage.pool).await).await;
        let expected = [
            "SAVEPOINT txk_1",
            "SELECT 3",
            "RELEASE SAVEPOINT txk_1",
            "SAVEPOINT txk_2",
            "SELECT 3",
            "ROLLBACK TO SAVEPOINT txk_2; RELEASE SAVEPOINT txk_2",
            "SAVEPOINT txk_3",
            "SAVEPOINT txk_4",
            "SELECT 3",
            "RELEASE SAVEPOINT txk_4",
            "RELEASE SAVEPOINT txk_3",
        ];
        assert_eq!(sent[1..sent.len() - 1], expected);
        assert_eq!(trips, sent.len() - 3 + 3 * SENDING, "a message each");
    }
    stage.end().await;
}

#[tokio::test]
async fn c37_nested_from_a_pool_makes_no_numbered_savepoint() {
    let (stage, tally) = Stage::tally(1).await;
    let (trips, sent) = cost(&tally, async || savepoint(&stage.pool, false).await).await;
    assert_eq!((trips, sent.len()), (2 + SENDING, 3), "{sent:?}");
    assert!(!sent.iter().any(|sql| sql.contains("txk_1")), "{sent:?}");
    stage.end().await;
}

#[tokio::test]
async fn r08_begin_and_commit_cost_one_trip_each_whatever_the_options() {
    #[serializable(lock_timeout = "3s", statement_timeout = "9s", timeout = "60s")]
    async fn everything(tx: DbTx<'_>, fail: bool) -> Result<(), AppError> {
        send(&mut tx, "SELECT 1").await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    #[serializable(
        read_only,
        lock_timeout = "3s",
        statement_timeout = "9s",
        timeout = "60s"
    )]
    async fn reading(tx: DbReadTx<'_>) -> Result<(), AppError> {
        Ok(send(&mut tx, "SELECT 1").await?)
    }
    let (stage, tally) = Stage::tally(1).await;
    let commit = cost(&tally, async || everything(&stage.pool, false).await).await;
    let rollback = cost(&tally, async || everything(&stage.pool, true).await).await;
    let reading = cost(&tally, async || reading(&stage.pool).await).await;
    for (what, (trips, sent)) in [
        ("commit", commit),
        ("rollback", rollback),
        ("reading", reading),
    ] {
        assert_eq!((trips, sent.len()), (2 + SENDING, 3), "{what}: {sent:?}");
    }
    stage.end().await;
}

#[tokio::test]
async fn r08_an_empty_body_still_begins_and_commits() {
    #[transactional]
    async fn empty(_: DbTx<'_>) -> Result<(), AppError> {
        Ok(())
    }
    let (stage, tally) = Stage::tally(1).await;
    let (trips, sent) = cost(&tally, async || empty(&stage.pool).await).await;
    // Not lazily: where BEGIN fails, the body must not have run (c03).
    assert_eq!((trips, sent.len()), (2, 2), "{sent:?}");
    stage.end().await;
}

#[tokio::test]
async fn r02_on_its_own_pool_requires_new_is_as_cheap() {
    #[transactional(propagation = requires_new)]
    async fn alone(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(send(&mut tx, "SELECT 1").await?)
    }
    let (stage, tally) = Stage::tally(1).await;
    let (trips, sent) = cost(&tally, async || alone(&stage.pool).await).await;
    assert_eq!((trips, sent.len()), (2 + SENDING, 3), "{sent:?}");
    stage.end().await;
}

#[transactional]
async fn place(tx: DbTx<'_>, log: &Log, fail: bool) -> Result<(), AppError> {
    log.add("ran");
    insert(&mut tx, 1).await?;
    if fail {
        Err(AppError::Declined(7))
    } else {
        Ok(())
    }
}

#[tokio::test]
async fn c03_begin_fails_and_the_body_never_runs() {
    let (stage, tally) = Stage::tally(1).await;
    let log = Log::default();
    tally.proxy.on(BEGIN, Fault::CutBefore);
    let error = place(&stage.pool, &log, false)
        .await
        .unwrap_err()
        .transaction();
    assert!(
        matches!(
            error,
            txkit::Error::Begin {
                attempts: 1,
                conflict: None,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(is_connection_loss(driver_error(&error)), "{error:?}");
    assert!(log.notes().is_empty());
    // The pool is none the worse.
    place(&stage.pool, &log, false).await.unwrap();
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn c05_rollback_fails_and_the_bodys_error_comes_out() {
    #[transactional]
    async fn c05_declines(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        Err(AppError::Declined(7))
    }
    let (stage, tally) = Stage::tally(1).await;
    stage.stamp().await;
    tally.proxy.on("ROLLBACK", Fault::CutBefore);
    let watch = watch!(c05_declines);
    let error = c05_declines(&stage.pool).await.unwrap_err();
    assert!(matches!(error, AppError::Declined(7)), "{error:?}");
    assert!(
        watch.notes().contains(&"rollback failed 1".to_owned()),
        "{:?}",
        watch.notes()
    );
    assert!(
        !stage.is_stamped().await,
        "the connection went back to the pool"
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c06_a_panic_goes_on_though_the_rollback_fails() {
    #[transactional]
    async fn panics(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        panic!("the till is on fire")
    }
    let (stage, tally) = Stage::tally(1).await;
    stage.stamp().await;
    tally.proxy.on("ROLLBACK", Fault::CutBefore);
    let caught = caught(async { panics(&stage.pool).await }).await;
    assert_eq!(caught.unwrap_err(), "the till is on fire");
    assert!(
        !stage.is_stamped().await,
        "the connection went back to the pool"
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c38_a_savepoint_cut_off_loses_the_whole_transaction() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        savepoint(&mut tx, false).await.unwrap_err();
        insert(&mut tx, 2).await.unwrap_err();
        Ok(())
    }
    let (stage, tally) = Stage::tally(1).await;
    tally.proxy.on("SAVEPOINT txk_1", Fault::CutBefore);
    outer(&stage.pool).await.unwrap_err();
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c55_c56_an_answer_to_commit_that_is_lost_is_unknown_and_runs_once() {
    #[transactional]
    #[retry_on_conflict(attempts = 5)]
    async fn c56_place(tx: DbTx<'_>, id: i64, log: Log) -> Result<(), AppError> {
        let [committed, undone, unknown] = [log.clone(), log.clone(), log.clone()];
        tx.after_commit(move || committed.add("committed"));
        tx.after_rollback(move |_| undone.add("undone"));
        tx.after_unknown(move || unknown.add("unknown"));
        log.add("ran");
        Ok(insert(&mut tx, id).await?)
    }
    let (stage, tally) = Stage::tally(1).await;
    let watch = watch!(c56_place);
    for (id, fault, stored) in [(1, Fault::LoseAnswer, true), (2, Fault::CutBefore, false)] {
        let log = Log::default();
        tally.proxy.on("COMMIT", fault);
        let error = c56_place(&stage.pool, id, log.clone())
            .await
            .unwrap_err()
            .transaction();
        assert!(
            matches!(error, txkit::Error::OutcomeUnknown { .. }),
            "{error:?}"
        );
        assert_eq!(error.outcome(), txkit::Outcome::Unknown);
        assert!(is_connection_loss(driver_error(&error)), "{error:?}");
        assert_eq!(log.notes(), ["ran", "unknown"]);
        stage.db.assert_quiet().await;
        assert_eq!(stage.stored().await.contains(&id), stored);
    }
    let once = ["begun 1", "ended 1: unknown"];
    assert_eq!(watch.notes(), [once, once].concat());
    stage.end().await;
}

#[tokio::test]
async fn c56_on_a_lent_connection_and_in_a_drop_in_it_is_unknown_too() {
    #[transactional]
    async fn lends(tx: DbTx<'_>) -> Result<(), AppError> {
        tx.with_conn(async |conn| raw_insert(conn, 1).await).await?;
        Ok(())
    }
    #[transactional]
    async fn dropped_in(conn: &mut Conn) -> Result<(), AppError> {
        Ok(raw_insert(conn, 2).await?)
    }
    let (stage, tally) = Stage::tally(1).await;
    tally.proxy.on("COMMIT", Fault::LoseAnswer);
    let error = lends(&stage.pool).await.unwrap_err().transaction();
    assert!(
        matches!(error, txkit::Error::OutcomeUnknown { .. }),
        "{error:?}"
    );
    let mut conn = stage.lease().await;
    tally.proxy.on("COMMIT", Fault::LoseAnswer);
    let error = dropped_in(&mut conn).await.unwrap_err().transaction();
    assert!(
        matches!(error, txkit::Error::OutcomeUnknown { .. }),
        "{error:?}"
    );
    drop(conn);
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}
