//! Hooks: each runs once, for the work it was registered with, when the outcome is known.

use super::*;

/// Registers one hook of each kind.
fn register(tx: &mut DbTx<'_>, name: &'static str, log: &Log) {
    let [commit, rollback, unknown] = [log.clone(), log.clone(), log.clone()];
    tx.after_commit(move || commit.add(format!("{name} committed")));
    tx.after_rollback(move |why| rollback.add(format!("{name} undone: {:?}", why.reason)));
    tx.after_unknown(move || unknown.add(format!("{name} unknown")));
}

#[tokio::test]
async fn c60_order_is_kept_each_runs_once_and_after_the_commit() {
    #[transactional]
    async fn outer(tx: DbTx<'_>, stage: std::sync::Arc<Stage>, log: Log) -> Result<(), AppError> {
        register(&mut tx, "first", &log);
        insert(&mut tx, 1).await?;
        joined(&mut tx, &log).await?;
        let last = log.clone();
        tx.after_commit(move || async move {
            last.add(format!("others see {:?}", stage.stored().await));
        });
        log.add("returns");
        Ok(())
    }
    #[transactional]
    async fn joined(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        register(&mut tx, "joined", log);
        Ok(insert(&mut tx, 2).await?)
    }
    let stage = std::sync::Arc::new(Stage::new().await);
    let log = Log::default();
    outer(&stage.pool, stage.clone(), log.clone())
        .await
        .unwrap();
    let expected = [
        "returns",
        "first committed",
        "joined committed",
        "others see [1, 2]",
    ];
    assert_eq!(log.notes(), expected);
    std::sync::Arc::into_inner(stage)
        .expect("the hook is gone")
        .end()
        .await;
}

#[tokio::test]
async fn c60_a_hook_may_open_a_transaction_of_its_own_on_a_pool_of_one() {
    #[transactional]
    async fn note(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(&mut tx, id).await?)
    }
    #[transactional]
    async fn place(tx: DbTx<'_>, pool: Pool, fail: bool) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let after = pool.clone();
        tx.after_commit(move || async move { note(&after, 2).await });
        tx.after_rollback(move |_| async move { note(&pool, 3).await });
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    let stage = Stage::of(1).await;
    place(&stage.pool, stage.pool.clone(), false).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2]);
    stage.rival("DELETE FROM item").await;
    place(&stage.pool, stage.pool.clone(), true)
        .await
        .unwrap_err();
    assert_eq!(stage.stored().await, [3]);
    stage.end().await;
}

#[transactional(propagation = nested)]
async fn part(tx: DbTx<'_>, name: &'static str, log: &Log, fail: bool) -> Result<(), AppError> {
    register(&mut tx, name, log);
    execute(&mut tx, "SELECT 1").await?;
    if fail { Err(AppError::Other) } else { Ok(()) }
}

#[tokio::test]
async fn c61_hooks_of_an_undone_savepoint_are_gone_its_siblings_stay() {
    #[transactional(propagation = nested)]
    async fn two_parts(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        part(&mut tx, "kept inside", log, false).await?;
        part(&mut tx, "undone inside", log, true).await.unwrap_err();
        Ok(())
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        register(&mut tx, "outer", log);
        part(&mut tx, "kept", log, false).await?;
        part(&mut tx, "undone", log, true).await.unwrap_err();
        two_parts(&mut tx, log).await
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    outer(&stage.pool, &log).await.unwrap();
    let mut notes = log.notes();
    notes.sort();
    let expected = [
        "kept committed",
        "kept inside committed",
        "outer committed",
        "undone inside undone: Savepoint",
        "undone undone: Savepoint",
    ];
    assert_eq!(notes, expected);
    stage.end().await;
}

#[tokio::test]
async fn c61_hooks_of_a_released_savepoint_share_the_outers_fate() {
    #[transactional]
    async fn outer(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        part(&mut tx, "kept", log, false).await?;
        Err(AppError::Other)
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    outer(&stage.pool, &log).await.unwrap_err();
    assert_eq!(log.notes(), ["kept undone: Error"]);
    stage.end().await;
}

#[tokio::test]
async fn c62_a_hook_that_fails_or_panics_is_reported_and_the_rest_run() {
    #[transactional]
    async fn c62_place(tx: DbTx<'_>, log: &Log) -> Result<i64, AppError> {
        let [first, middle, last] = [log.clone(), log.clone(), log.clone()];
        tx.after_commit(move || first.add("first"));
        tx.after_commit(|| Err::<(), _>("the mail server is down"));
        tx.after_commit(|| async { Err::<(), AppError>(AppError::Declined(3)) });
        tx.after_commit(move || async move { middle.add("middle") });
        tx.after_commit(|| -> () { panic!("at once") });
        tx.after_commit(|| async {
            yield_now().await;
            panic!("later");
            #[allow(unreachable_code, reason = "tells the output's type")]
            ()
        });
        tx.after_commit(move || last.add("last"));
        insert(&mut tx, 1).await?;
        Ok(5)
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    let watch = watch!(c62_place);
    assert_eq!(c62_place(&stage.pool, &log).await.unwrap(), 5);
    assert_eq!(log.notes(), ["first", "middle", "last"]);
    let notes = watch.notes();
    assert_eq!(notes[..2], ["begun 1", "ended 1: committed"]);
    assert_eq!(notes.len(), 6, "{notes:?}");
    for (note, word) in notes[2..]
        .iter()
        .zip(["mail server", "declined: 3", "at once", "later"])
    {
        assert!(
            note.starts_with("hook failed") && note.contains(word),
            "{note}"
        );
    }
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn c63_before_commit_runs_inside_and_its_failure_rolls_back() {
    #[transactional]
    async fn checked(tx: DbTx<'_>, log: &Log, fail: bool) -> Result<(), AppError> {
        register(&mut tx, "outer", log);
        let inside = log.clone();
        tx.before_commit(move |tx| {
            Box::pin(async move {
                inside.add(format!("sees {:?}", items(tx).await?));
                insert(tx, 2).await?;
                if fail {
                    Err("the books do not balance".into())
                } else {
                    Ok(())
                }
            })
        });
        insert(&mut tx, 1).await?;
        log.add("returns");
        Ok(())
    }
    let stage = Stage::of(1).await;
    let log = Log::default();
    let error = checked(&stage.pool, &log, true)
        .await
        .unwrap_err()
        .transaction();
    assert!(
        matches!(error, txkit::Error::BeforeCommit { .. }),
        "{error:?}"
    );
    assert_eq!(
        chain(&error).last().unwrap().to_string(),
        "the books do not balance"
    );
    assert_eq!(
        log.notes(),
        ["returns", "sees [1]", "outer undone: BeforeCommit"]
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);

    let log = Log::default();
    checked(&stage.pool, &log, false).await.unwrap();
    assert_eq!(log.notes(), ["returns", "sees [1]", "outer committed"]);
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn c63_before_commit_of_an_undone_savepoint_or_a_failed_body_does_not_run() {
    #[transactional(propagation = nested)]
    async fn checks(
        tx: DbTx<'_>,
        name: &'static str,
        log: Log,
        fail: bool,
    ) -> Result<(), AppError> {
        tx.before_commit(move |_| {
            Box::pin(async move {
                log.add(name);
                Ok(())
            })
        });
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, log: Log, fail: bool) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        checks(&mut tx, "undone", log.clone(), true)
            .await
            .unwrap_err();
        checks(&mut tx, "kept", log, false).await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    outer(&stage.pool, log.clone(), true).await.unwrap_err();
    assert!(log.notes().is_empty(), "{:?}", log.notes());
    outer(&stage.pool, log.clone(), false).await.unwrap();
    assert_eq!(log.notes(), ["kept"]);
    stage.end().await;
}

#[tokio::test]
async fn c63_a_swallowed_failure_inside_before_commit_does_not_commit() {
    #[transactional]
    async fn joined(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        Err(AppError::Declined(1))
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        tx.before_commit(|tx| {
            Box::pin(async move {
                let _swallowed = joined(tx).await;
                Ok(())
            })
        });
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
async fn c64_after_rollback_is_told_the_reason() {
    #[transactional]
    async fn ends(tx: DbTx<'_>, how: &'static str, log: Log) -> Result<(), AppError> {
        register(&mut tx, how, &log);
        insert(&mut tx, 1).await?;
        match how {
            "error" => return Err(AppError::Other),
            "panic" => panic!("inside"),
            "marked" => tx.set_rollback_only(),
            _ => {}
        }
        Ok(())
    }
    #[transactional(timeout = "300ms")]
    async fn slow(tx: DbTx<'_>, log: Log) -> Result<(), AppError> {
        register(&mut tx, "slow", &log);
        insert(&mut tx, 1).await?;
        outlast(&mut tx).await
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    ends(&stage.pool, "error", log.clone()).await.unwrap_err();
    ends(&stage.pool, "marked", log.clone()).await.unwrap_err();
    // A panicking call runs them before it goes on unwinding.
    caught(async { ends(&stage.pool, "panic", log.clone()).await })
        .await
        .unwrap_err();
    slow(&stage.pool, log.clone()).await.unwrap_err();
    let expected = [
        "error undone: Error",
        "marked undone: RollbackOnly",
        "panic undone: Panic",
        "slow undone: Timeout",
    ];
    assert_eq!(log.notes(), expected);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c64_hooks_of_a_begin_that_failed_do_not_exist_and_a_session_has_none() {
    #[transactional]
    async fn place(tx: DbTx<'_>, log: Log) -> Result<(), AppError> {
        register(&mut tx, "never", &log);
        Ok(())
    }
    let stage = Stage::built(|db| impatient_pool(db, 1)).await;
    let log = Log::default();
    let closed = close(&stage.pool).await;
    place(&stage.pool, log.clone()).await.unwrap_err();
    assert!(log.notes().is_empty());
    drop(closed);
    stage.end().await;
}
