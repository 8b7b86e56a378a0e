//! What only SQLite can show: one writer, a COMMIT that waits for readers, statements that roll everything back.

use std::sync::Arc;

use super::*;

/// A stage without a write-ahead log, and a reader that keeps its COMMITs waiting until it is let go.
async fn stage_with_a_reader() -> (Stage, Reader) {
    let stage = Stage::built(unlogged_pool).await;
    // All others have to leave before the journal can be another one.
    stage.leave_alone().await;
    drop(stage.lease().await);
    let reader = Reader(Arc::default());
    reader.read(&stage).await;
    (stage, reader)
}

#[derive(Clone)]
struct Reader(Arc<Slot<Option<Conn>>>);

impl Reader {
    async fn read(&self, stage: &Stage) {
        let mut conn = unlogged_connection(&stage.db).await;
        raw(&mut conn, "BEGIN; SELECT count(*) FROM item")
            .await
            .unwrap();
        *self.0.lock().await = Some(conn);
    }

    async fn has_left(&self) -> bool {
        self.0.lock().await.is_none()
    }

    async fn leave(&self) {
        if let Some(mut conn) = self.0.lock().await.take() {
            raw(&mut conn, "ROLLBACK").await.unwrap();
        }
    }
}

#[tokio::test]
async fn c08_busy_at_commit_is_a_conflict_and_is_retried() {
    #[transactional(lock_timeout = "50ms")]
    #[retry_on_conflict(attempts = 3)]
    async fn c08_place(tx: DbTx<'_>, reader: Reader) -> Result<u32, AppError> {
        let attempt = tx.attempt();
        insert(&mut tx, attempt.into()).await?;
        tx.after_rollback(move |_| async move { reader.leave().await });
        Ok(attempt)
    }
    let (stage, reader) = stage_with_a_reader().await;
    let watch = watch!(c08_place);
    assert_eq!(c08_place(&stage.pool, reader).await.unwrap(), 2);
    let expected = [
        "begun 1",
        "ended 1: rolled_back, NotCommitted, Busy",
        "replayed 1: Some(Busy)",
        "begun 2",
        "ended 2: committed",
    ];
    assert_eq!(watch.notes(), expected);
    assert_eq!(pool_items(&stage.pool).await, [2]);
}

#[tokio::test]
async fn r12_busy_at_commit_without_retry_rolls_back_and_says_so() {
    #[transactional(lock_timeout = "50ms")]
    async fn place(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 1).await?)
    }
    let (stage, reader) = stage_with_a_reader().await;
    let before = stage.session().await;
    let error = place(&stage.pool).await.unwrap_err().transaction();
    assert!(
        matches!(
            error,
            txkit::Error::Commit {
                conflict: Some(Conflict::Busy),
                ..
            }
        ),
        "{error:?}"
    );
    assert_unchanged(&before, &stage.session().await);
    reader.leave().await;
    place(&stage.pool).await.unwrap();
    assert_eq!(pool_items(&stage.pool).await, [1]);
}

#[tokio::test]
async fn r12_commit_waits_for_a_reader_that_leaves_in_time() {
    #[transactional]
    async fn r12_place(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 1).await?)
    }
    let (stage, reader) = stage_with_a_reader().await;
    let watch = watch!(r12_place);
    let leaving = reader.clone();
    let clock = OnPause::new(move || {
        let reader = leaving.clone();
        async move { reader.leave().await }
    });
    let place = async { r12_place(&stage.pool).await };
    by_clock(clock, place).await.unwrap();
    assert!(reader.has_left().await, "COMMIT did not wait for it");
    assert_eq!(watch.notes(), ["begun 1", "ended 1: committed"]);
    assert_eq!(pool_items(&stage.pool).await, [1]);
}

#[tokio::test]
async fn c03_r17_busy_at_begin_is_a_conflict_the_body_never_saw() {
    #[transactional]
    async fn place(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        Ok(insert(&mut tx, 1).await?)
    }
    #[transactional]
    #[retry_on_conflict(attempts = 3, base = "1ms")]
    async fn c03_again(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 1).await?)
    }
    let stage = Stage::built(hasty_pool).await;
    let mut rival = stage.rival_connection().await;
    raw(&mut rival, "BEGIN IMMEDIATE").await.unwrap();
    let (log, watch) = (Log::default(), watch!(c03_again));
    let error = place(&stage.pool, &log).await.unwrap_err().transaction();
    assert!(
        matches!(
            error,
            txkit::Error::Begin {
                attempts: 1,
                conflict: Some(Conflict::Busy),
                ..
            }
        ),
        "{error:?}"
    );
    let error = c03_again(&stage.pool).await.unwrap_err().transaction();
    assert!(
        matches!(error, txkit::Error::Begin { attempts: 3, .. }),
        "{error:?}"
    );
    assert_eq!(
        watch.notes().len(),
        3,
        "two replays, then given up: {:?}",
        watch.notes()
    );
    raw(&mut rival, "ROLLBACK").await.unwrap();
    assert!(log.notes().is_empty());
    place(&stage.pool, &log).await.unwrap();
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn c30_r22_a_second_writer_is_refused_at_once_naming_both() {
    #[transactional(propagation = requires_new)]
    async fn beside(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 2).await?)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let error = beside(&mut tx).await.unwrap_err().transaction();
        let txkit::Error::SelfDeadlock {
            function, outer, ..
        } = error
        else {
            panic!("{error:?}")
        };
        assert!(
            function.ends_with("::beside") && outer.ends_with("::outer"),
            "{function} in {outer}"
        );
        insert(&mut tx, 3).await?;
        Ok(())
    }
    let stage = Stage::of(2).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 3]);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c57_writers_that_would_deadlock_by_upgrading_queue_instead() {
    #[transactional]
    #[retry_on_conflict(attempts = 10)]
    async fn add(tx: DbTx<'_>) -> Result<(), AppError> {
        let n = number(&mut tx, "SELECT n FROM taken WHERE id = 1").await?;
        yield_now().await;
        execute(
            &mut tx,
            &format!("UPDATE taken SET n = {} WHERE id = 1", n + 1),
        )
        .await?;
        Ok(())
    }
    let stage = Stage::of(4).await;
    let tasks: Vec<_> = (0..24)
        .map(|_| {
            let pool = stage.pool.clone();
            spawn(async move { add(&pool).await })
        })
        .collect();
    for task in tasks {
        finished(task).await.unwrap();
    }
    let mut conn = stage.lease().await;
    assert_eq!(
        raw_number(&mut conn, "SELECT n FROM taken WHERE id = 1")
            .await
            .unwrap(),
        24
    );
    drop(conn);
    stage.end().await;
}

#[tokio::test]
async fn c10_or_rollback_in_a_drop_in_is_found_at_the_end() {
    #[transactional]
    async fn swallows(conn: &mut Conn) -> Result<(), AppError> {
        raw_insert(conn, 1).await?;
        raw(conn, "INSERT OR ROLLBACK INTO taken (id) VALUES (1)")
            .await
            .unwrap_err();
        // Stored on its own: lent statements are detected, not prevented.
        raw_insert(conn, 2).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    let before = Db::session(&mut conn).await;
    let error = swallows(&mut conn).await.unwrap_err().transaction();
    assert!(
        matches!(error, txkit::Error::PartlyCommitted { .. }),
        "{error:?}"
    );
    assert_unchanged(&before, &Db::session(&mut conn).await);
    drop(conn);
    assert_eq!(stage.stored().await, [2]);
    stage.end().await;
}

#[tokio::test]
async fn c10_a_trigger_that_rolls_back_is_noticed() {
    #[transactional]
    async fn triggers(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        execute(&mut tx, "UPDATE taken SET n = -1 WHERE id = 1")
            .await
            .unwrap_err();
        insert(&mut tx, 2).await.unwrap_err();
        Ok(())
    }
    let stage = Stage::of(1).await;
    let trigger = "CREATE TRIGGER no_debt BEFORE UPDATE ON taken WHEN new.n < 0 BEGIN SELECT raise(ROLLBACK, 'no debt'); END";
    stage.rival(trigger).await;
    let error = triggers(&stage.pool).await.unwrap_err().transaction();
    let txkit::Error::Poisoned { source, .. } = error else {
        panic!("{error:?}")
    };
    assert!(source.to_string().contains("no debt"), "{source}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c23_every_level_is_met_because_there_is_but_one() {
    #[serializable]
    async fn strict(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 1).await?)
    }
    #[transactional(isolation = read_committed)]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        assert_eq!(tx.isolation(), Some(txkit::Isolation::Serializable));
        strict(&mut tx).await
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn c14_transaction_control_of_triggers_bodies_is_not_mistaken() {
    #[transactional]
    async fn migrates(tx: DbTx<'_>) -> Result<(), AppError> {
        let trigger = "CREATE TRIGGER t AFTER INSERT ON taken BEGIN UPDATE taken SET n = 1; END";
        execute(&mut tx, trigger).await?;
        Ok(insert(&mut tx, 1).await?)
    }
    let stage = Stage::of(1).await;
    migrates(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}
