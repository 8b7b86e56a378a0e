//! What only PostgreSQL can show.

use super::*;

#[tokio::test]
async fn c08_a_serialization_failure_at_commit_is_a_conflict_and_is_retried() {
    /// Reads what the rival writes and writes what the rival read, which has committed by the time we do.
    #[serializable]
    #[retry_on_conflict(attempts = 3)]
    async fn c08_skewed(tx: DbTx<'_>, stage: &Stage, log: &Log) -> Result<u32, AppError> {
        let attempt = tx.attempt();
        let undone = log.clone();
        tx.after_rollback(move |why| undone.add(format!("undone {attempt}: {:?}", why.reason)));
        number(&mut tx, "SELECT n FROM taken WHERE id = 1").await?;
        if attempt == 1 {
            let mut rival = stage.rival_connection().await;
            let skew = "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT n FROM taken WHERE id = 2; UPDATE taken SET n = 1 WHERE id = 1";
            raw(&mut rival, skew).await?;
            execute(&mut tx, "UPDATE taken SET n = 1 WHERE id = 2").await?;
            raw(&mut rival, "COMMIT").await?;
        }
        // No statement fails: it is COMMIT that does.
        log.add(format!("returns {attempt}"));
        Ok(attempt)
    }
    let (stage, log) = (Stage::new().await, Log::default());
    let watch = watch!(c08_skewed);
    assert_eq!(c08_skewed(&stage.pool, &stage, &log).await.unwrap(), 2);
    assert_eq!(
        log.notes(),
        ["returns 1", "undone 1: NotCommitted", "returns 2"]
    );
    let expected = [
        "begun 1",
        "ended 1: rolled_back, NotCommitted, Serialization",
        "replayed 1: Some(Serialization)",
        "begun 2",
        "ended 2: committed",
    ];
    assert_eq!(watch.notes(), expected);
    stage.end().await;
}

#[tokio::test]
async fn c08_without_retry_it_says_so() {
    #[serializable]
    async fn skewed(tx: DbTx<'_>, stage: &Stage) -> Result<(), AppError> {
        number(&mut tx, "SELECT n FROM taken WHERE id = 1").await?;
        let mut rival = stage.rival_connection().await;
        let skew = "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT n FROM taken WHERE id = 2; UPDATE taken SET n = 1 WHERE id = 1";
        raw(&mut rival, skew).await?;
        execute(&mut tx, "UPDATE taken SET n = 1 WHERE id = 2").await?;
        raw(&mut rival, "COMMIT").await?;
        Ok(())
    }
    let stage = Stage::new().await;
    let error = skewed(&stage.pool, &stage).await.unwrap_err().transaction();
    assert_eq!(error.conflict(), Some(Conflict::Serialization), "{error:?}");
    assert!(
        matches!(error, txkit::Error::Commit { attempts: 1, .. }),
        "{error:?}"
    );
    assert_eq!(code_of(&error).as_deref(), Some("40001"));
    stage.end().await;
}

#[tokio::test]
async fn c53_a_conflict_swallowed_that_surfaces_as_25p02_is_retried_as_what_it_was() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn c53_swallows(tx: DbTx<'_>, obstacle: &Obstacle, log: &Log) -> Result<u32, AppError> {
        if tx.attempt() == 2 {
            obstacle.remove().await;
        }
        let _swallowed = obstacle.meet(&mut tx).await;
        let stored = insert_attempt(&mut tx).await;
        if let Err(error) = &stored {
            log.add(code_of(error).unwrap_or_default());
        }
        stored?;
        Ok(tx.attempt())
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let (log, watch) = (Log::default(), watch!(c53_swallows));
    assert_eq!(c53_swallows(&stage.pool, &obstacle, &log).await.unwrap(), 2);
    assert_eq!(log.notes(), ["25P02"]);
    assert!(
        watch
            .notes()
            .contains(&"replayed 1: Some(LockTimeout)".to_owned()),
        "{:?}",
        watch.notes()
    );
    assert_eq!(stage.stored().await, [2]);
    stage.end().await;
}

#[tokio::test]
async fn c53_25p02_never_replaces_the_first_cause() {
    #[transactional]
    async fn swallows(tx: DbTx<'_>) -> Result<(), AppError> {
        execute(&mut tx, "SELECT 1 / 0").await.unwrap_err();
        insert(&mut tx, 1).await.unwrap_err();
        insert(&mut tx, 2).await.unwrap_err();
        Ok(())
    }
    let stage = Stage::new().await;
    let error = swallows(&stage.pool).await.unwrap_err().transaction();
    let txkit::Error::Poisoned { source, .. } = error else {
        panic!("{error:?}")
    };
    assert!(source.to_string().contains("division by zero"), "{source}");
    stage.end().await;
}

/// An error with any code, in the words that the server has for it: some drivers tell nothing else.
fn raises(code: &str) -> String {
    let words = match code {
        "40001" => "could not serialize access due to concurrent update".to_owned(),
        "40P01" => "deadlock detected".to_owned(),
        "55P03" => "canceling statement due to lock timeout".to_owned(),
        "23505" => "duplicate key value violates unique constraint".to_owned(),
        _ => format!("no ({code})"),
    };
    let waits = |this, other| {
        format!("Process {this} waits for ShareLock on transaction 7; blocked by process {other}.")
    };
    let detail = match code {
        "40P01" => [waits(1, 2), waits(2, 1)].join("\n"),
        _ => String::new(),
    };
    format!(
        "DO $$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = '{code}', DETAIL = '{detail}'; END $$"
    )
}

#[tokio::test]
async fn c39_r17_a_savepoint_recovers_from_every_conflict() {
    #[transactional(propagation = nested)]
    async fn conflicts(tx: DbTx<'_>, code: &str) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        execute(&mut tx, &raises(code)).await?;
        Ok(())
    }
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn recovers(tx: DbTx<'_>, code: &str, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        insert(&mut tx, 1).await?;
        let error = conflicts(&mut tx, code).await.unwrap_err();
        assert_eq!(code_of(&error).as_deref(), Some(code));
        insert(&mut tx, 3).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    for code in ["40001", "40P01", "55P03", "23505"] {
        let log = Log::default();
        recovers(&stage.pool, code, &log).await.unwrap();
        assert_eq!(log.notes(), ["ran"], "{code}");
        assert_eq!(stage.stored().await, [1, 3], "{code}");
        stage.rival("DELETE FROM item").await;
    }
    stage.end().await;
}

#[tokio::test]
async fn r17_aborted_below_a_savepoint_only_an_undo_at_or_above_repairs() {
    #[transactional(propagation = nested)]
    async fn fine(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 2).await?)
    }
    #[transactional(propagation = nested)]
    async fn aborts_first(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 3).await?;
        execute(&mut tx, "SELECT 1 / 0").await.unwrap_err();
        // Too late for a savepoint of its own.
        let error = fine(&mut tx).await.unwrap_err().transaction();
        assert!(matches!(error, txkit::Error::Savepoint { .. }), "{error:?}");
        Ok(())
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let error = aborts_first(&mut tx).await.unwrap_err().transaction();
        let txkit::Error::Poisoned { source, .. } = error else {
            panic!("{error:?}")
        };
        assert!(source.to_string().contains("division by zero"), "{source}");
        fine(&mut tx).await
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn r17_every_conflict_code_replays_and_no_other() {
    #[transactional]
    #[retry_on_conflict(attempts = 2, base = "1ms")]
    async fn once(tx: DbTx<'_>, code: &str) -> Result<u32, AppError> {
        if tx.attempt() == 1 {
            execute(&mut tx, &raises(code)).await?;
        }
        Ok(tx.attempt())
    }
    let stage = Stage::of(1).await;
    for code in ["40001", "40P01", "55P03"] {
        assert_eq!(once(&stage.pool, code).await.unwrap(), 2, "{code}");
    }
    for code in ["23505", "57014", "40002", "P0001"] {
        let error = once(&stage.pool, code).await.expect_err(code);
        assert_eq!(code_of(&error).as_deref(), Some(code));
    }
    stage.end().await;
}

#[tokio::test]
async fn r10_a_swallowed_error_in_a_drop_in_is_not_committed() {
    #[transactional]
    async fn swallows(conn: &mut Conn) -> Result<(), AppError> {
        raw_insert(conn, 1).await?;
        raw(conn, "SELECT 1 / 0").await.unwrap_err();
        Ok(())
    }
    #[transactional]
    async fn lends(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        tx.with_conn(async |conn| {
            raw(conn, "SELECT 1 / 0").await.unwrap_err();
            Ok(())
        })
        .await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    let error = lends(&stage.pool).await.unwrap_err().transaction();
    assert_eq!(code_of(&error).as_deref(), Some("25P02"), "{error:?}");
    let mut conn = stage.lease().await;
    let error = swallows(&mut conn).await.unwrap_err().transaction();
    assert_eq!(code_of(&error).as_deref(), Some("25P02"), "{error:?}");
    assert_unchanged(&before, &Db::session(&mut conn).await);
    drop(conn);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c14_a_savepoint_of_our_name_does_not_pass_for_our_transaction() {
    #[transactional]
    async fn disguised(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let ends = "ROLLBACK; BEGIN; SAVEPOINT txk_1";
        tx.with_conn(async |conn| raw(conn, ends).await).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let error = disguised(&stage.pool).await.unwrap_err().transaction();
    assert!(
        matches!(error, txkit::Error::PartlyCommitted { .. }),
        "{error:?}"
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn r06_r08_isolation_access_and_deferrable_reach_the_server() {
    #[serializable(read_only, deferrable)]
    async fn report(tx: DbReadTx<'_>) -> Result<(), AppError> {
        for (setting, value) in [
            ("transaction_isolation", "serializable"),
            ("transaction_read_only", "on"),
            ("transaction_deferrable", "on"),
        ] {
            let sql = format!("SELECT (current_setting('{setting}') = '{value}')::int::bigint");
            assert_eq!(number(&mut tx, &sql).await?, 1, "{setting}");
        }
        Ok(())
    }
    #[transactional(lock_timeout = "1500ms", statement_timeout = "9s")]
    async fn limited(tx: DbTx<'_>) -> Result<(), AppError> {
        for (setting, value) in [("lock_timeout", "1500ms"), ("statement_timeout", "9s")] {
            let sql = format!("SELECT (current_setting('{setting}') = '{value}')::int::bigint");
            assert_eq!(number(&mut tx, &sql).await?, 1, "{setting}");
        }
        Ok(())
    }
    let stage = Stage::of(1).await;
    report(&stage.pool).await.unwrap();
    limited(&stage.pool).await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn r07_truncate_and_ddl_are_refused_in_a_transaction_that_began_read_only() {
    #[read_only]
    async fn does(tx: DbReadTx<'_>, sql: &str) -> Result<(), AppError> {
        execute(&mut tx, sql).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    for sql in [
        "TRUNCATE taken",
        "DROP TABLE taken",
        "CREATE TABLE surprise (id int)",
    ] {
        let error = does(&stage.pool, sql).await.expect_err(sql);
        assert_eq!(code_of(&error).as_deref(), Some("25006"), "{sql}");
    }
    stage.end().await;
}

#[tokio::test]
async fn c20_one_transaction_id_at_all_levels() {
    const XID: &str = "SELECT pg_current_xact_id()::text::bigint";
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<Vec<i64>, AppError> {
        let own = number(&mut tx, XID).await?;
        Ok(vec![
            own,
            joined(&mut tx).await?,
            number(&mut tx, XID).await?,
        ])
    }
    #[transactional]
    async fn joined(tx: DbTx<'_>) -> Result<i64, AppError> {
        Ok(number(&mut tx, XID).await?)
    }
    #[transactional(propagation = not_supported)]
    async fn outside(session: DbSession<'_>) -> Result<i64, AppError> {
        Ok(number(
            &mut session,
            "SELECT count(pg_current_xact_id_if_assigned())",
        )
        .await?)
    }
    let stage = Stage::of(1).await;
    let ids = outer(&stage.pool).await.unwrap();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(outside(&stage.pool).await.unwrap(), 0);
    stage.end().await;
}
