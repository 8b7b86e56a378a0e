//! What only MariaDB and MySQL can show: engines that end a transaction whole, and DDL that commits it.

use super::*;

/// Ends our transaction by a deadlock with a rival that has more to lose, so that it is not the victim.
pub async fn deadlock(tx: &mut DbTx<'_>, stage: &Stage) -> DriverError {
    let lock = "UPDATE taken SET n = n + 1 WHERE id = 1";
    execute(tx, lock).await.expect("the first row");
    let mut rival = stage.rival_connection().await;
    let rows: Vec<String> = (1000..1200).map(|id| format!("({id})")).collect();
    let weight = format!(
        "BEGIN; INSERT INTO taken (id) VALUES {}; UPDATE taken SET n = 1 WHERE id = 2",
        rows.join(", ")
    );
    raw(&mut rival, &weight).await.expect("the rival's rows");
    let waiting = spawn(async move {
        let done = raw(&mut rival, "UPDATE taken SET n = 1 WHERE id = 1").await;
        raw(&mut rival, "ROLLBACK").await.expect("let go");
        done
    });
    let mut watcher = stage.db.administrator().await;
    let waits = "SELECT count(*) FROM information_schema.innodb_lock_waits w JOIN information_schema.innodb_trx t \
                 ON t.trx_id = w.requesting_trx_id WHERE t.trx_query LIKE 'UPDATE taken SET n = 1 WHERE id = 1'";
    for tried in 0.. {
        assert!(tried < 400, "the rival never waited for our row");
        sleep(std::time::Duration::from_millis(150)).await;
        let waiting = raw_number(&mut watcher, waits).await;
        if waiting.expect("the lock waits") > 0 {
            break;
        }
    }
    let victim = execute(tx, "UPDATE taken SET n = n + 1 WHERE id = 2").await;
    let error = victim.expect_err("a deadlock");
    finished(waiting).await.expect("the rival goes on");
    error
}

#[tokio::test]
async fn c10_after_a_deadlock_statements_are_refused_and_none_is_stored() {
    #[transactional]
    async fn goes_on(tx: DbTx<'_>, stage: &Stage) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        deadlock(&mut tx, stage).await;
        insert(&mut tx, 2).await.unwrap_err();
        Ok(())
    }
    let stage = Stage::new().await;
    let error = goes_on(&stage.pool, &stage)
        .await
        .unwrap_err()
        .transaction();
    let txkit::Error::Poisoned { source, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(source.conflict(), Some(Conflict::Deadlock));
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c39_a_deadlock_inside_a_savepoint_is_reported_as_one_and_replays_everything() {
    #[transactional(propagation = nested)]
    async fn loses(tx: DbTx<'_>, stage: &Stage) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        Err(deadlock(&mut tx, stage).await.into())
    }
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn c39_outer(tx: DbTx<'_>, stage: &Stage) -> Result<u32, AppError> {
        insert(&mut tx, 1).await?;
        if tx.attempt() == 1 {
            let error = loses(&mut tx, stage).await.unwrap_err();
            assert_eq!(code_of(&error).as_deref(), Some("40001"), "{error:?}");
            assert!(error.to_string().contains("Deadlock"), "{error}");
        }
        Ok(tx.attempt())
    }
    let stage = Stage::new().await;
    let watch = watch!(c39_outer);
    assert_eq!(c39_outer(&stage.pool, &stage).await.unwrap(), 2);
    assert!(
        watch
            .notes()
            .contains(&"replayed 1: Some(Deadlock)".to_owned()),
        "{:?}",
        watch.notes()
    );
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn c38_after_a_deadlock_no_savepoint_is_made_outside_the_transaction() {
    #[transactional(propagation = nested)]
    async fn nested(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        Ok(insert(&mut tx, 2).await?)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, stage: &Stage, log: &Log) -> Result<(), AppError> {
        deadlock(&mut tx, stage).await;
        let error = nested(&mut tx, log).await.unwrap_err().transaction();
        assert_eq!(error.conflict(), Some(Conflict::Deadlock), "{error:?}");
        Err(error.into())
    }
    let (stage, log) = (Stage::new().await, Log::default());
    outer(&stage.pool, &stage, &log).await.unwrap_err();
    assert!(log.notes().is_empty());
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c10_r10_a_deadlock_in_a_drop_in_is_not_committed() {
    #[transactional]
    async fn swallows(conn: &mut Conn, stage: &Stage) -> Result<(), AppError> {
        raw_insert(conn, 1).await?;
        raw(conn, "SET SESSION innodb_snapshot_isolation = ON").await?;
        raw_number(conn, "SELECT count(*) FROM taken").await?;
        stage.rival("UPDATE taken SET n = n + 1 WHERE id = 2").await;
        raw(conn, "UPDATE taken SET n = n + 1 WHERE id = 2")
            .await
            .unwrap_err();
        Ok(())
    }
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    swallows(&mut conn, &stage).await.unwrap_err();
    drop(conn);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c13_ddl_through_the_handle_is_refused_before_it_is_sent() {
    #[transactional]
    async fn migrates(tx: DbTx<'_>, sql: &str) -> Result<(), AppError> {
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
    let stage = Stage::new().await;
    let statements = [
        "CREATE TABLE surprise (id int)",
        "ALTER TABLE taken ADD COLUMN m int",
        "TRUNCATE TABLE taken",
        "DROP TABLE taken",
        "SET autocommit = 1",
        "LOCK TABLES taken WRITE",
        "/*! COMMIT */",
        "SELECT 1; CREATE TABLE surprise (id int)",
    ];
    for sql in statements {
        migrates(&stage.pool, sql).await.expect_err(sql);
        assert_eq!(stage.stored().await, [0_i64; 0], "{sql}");
    }
    stage.end().await;
}

#[tokio::test]
async fn c13_a_commit_that_the_text_does_not_show_is_partly_committed() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn calls(tx: DbTx<'_>, sql: &str, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        let [committed, undone] = [log.clone(), log.clone()];
        tx.after_commit(move || committed.add("committed"));
        tx.after_rollback(move |_| undone.add("undone"));
        insert(&mut tx, 1).await?;
        send(&mut tx, sql).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    stage.rival("CREATE PROCEDURE hidden() COMMIT").await;
    let before = stage.session().await;
    for sql in [
        "CALL hidden()",
        "EXECUTE IMMEDIATE 'COMMIT'",
        "BEGIN NOT ATOMIC COMMIT; END",
    ] {
        let log = Log::default();
        let error = calls(&stage.pool, sql, &log)
            .await
            .expect_err(sql)
            .transaction();
        assert!(
            matches!(error, txkit::Error::PartlyCommitted { .. }),
            "{sql}: {error:?}"
        );
        assert_eq!(log.notes(), ["ran"], "{sql}");
        // Just that: a part of it is stored.
        assert_eq!(stage.stored().await, [1], "{sql}");
        stage.rival("DELETE FROM item").await;
        assert_unchanged(&before, &stage.session().await);
    }
    stage.end().await;
}

#[tokio::test]
async fn r07_truncate_and_ddl_are_refused_in_a_transaction_that_began_read_only() {
    #[read_only]
    async fn lends(tx: DbReadTx<'_>, sql: &str) -> Result<(), AppError> {
        tx.with_conn(async |conn| raw(conn, sql).await).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    for sql in [
        "TRUNCATE TABLE taken",
        "DROP TABLE taken",
        "CREATE TABLE surprise (id int)",
    ] {
        lends(&stage.pool, sql).await.expect_err(sql);
        assert_unchanged(&before, &stage.session().await);
    }
    let mut conn = stage.lease().await;
    assert_eq!(
        raw_number(&mut conn, "SELECT count(*) FROM taken")
            .await
            .unwrap(),
        2
    );
    drop(conn);
    stage.end().await;
}

#[tokio::test]
async fn r06_serializable_reaches_the_server_whose_reads_then_lock() {
    const READ: &str = "SELECT count(*) FROM taken WHERE id = 1";
    #[serializable]
    async fn strict(tx: DbTx<'_>, stage: &Stage) -> Result<bool, AppError> {
        number(&mut tx, READ).await?;
        Ok(is_locked(stage).await)
    }
    #[transactional]
    async fn usual(tx: DbTx<'_>, stage: &Stage) -> Result<bool, AppError> {
        number(&mut tx, READ).await?;
        Ok(is_locked(stage).await)
    }
    async fn is_locked(stage: &Stage) -> bool {
        let mut rival = stage.rival_connection().await;
        let lock = "SELECT id FROM taken WHERE id = 1 FOR UPDATE NOWAIT";
        raw(&mut rival, lock).await.is_err()
    }
    let stage = Stage::of(1).await;
    assert!(strict(&stage.pool, &stage).await.unwrap());
    assert!(!usual(&stage.pool, &stage).await.unwrap());
    stage.end().await;
}

#[tokio::test]
async fn r17_each_conflict_number_replays_and_no_other() {
    #[transactional]
    #[retry_on_conflict(attempts = 2, base = "1ms")]
    async fn once(tx: DbTx<'_>, number: u16) -> Result<u32, AppError> {
        if tx.attempt() == 1 {
            let signal =
                format!("SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = 'no'");
            send(&mut tx, &signal).await?;
        }
        Ok(tx.attempt())
    }
    let stage = Stage::of(1).await;
    for number in [1213, 1020, 1205] {
        assert_eq!(once(&stage.pool, number).await.unwrap(), 2, "{number}");
    }
    for number in [1062, 1644, 3024] {
        once(&stage.pool, number).await.unwrap_err();
    }
    stage.end().await;
}
