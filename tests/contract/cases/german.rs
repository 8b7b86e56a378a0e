//! Diesel hides the codes of most errors, and servers speak many languages: a conflict is one in German, too.

use std::sync::Arc;

use super::*;

/// A stage whose pool's connections get errors in German; none if this server speaks no German.
async fn stage() -> Option<Stage> {
    let knobs = Knobs::saying(&german()?);
    Some(Stage::built(|db| db.build(2, knobs)).await)
}

#[tokio::test]
async fn c50_in_german_a_lock_that_is_not_waited_for_is_a_conflict() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn locks(tx: DbTx<'_>, obstacle: &Obstacle, log: &Log) -> Result<u32, AppError> {
        if tx.attempt() == 2 {
            obstacle.remove().await;
        }
        insert_attempt(&mut tx).await?;
        if let Err(error) = obstacle.meet(&mut tx).await {
            log.add(&error);
            // Not even the error comes out.
            return Err(AppError::Other);
        }
        Ok(tx.attempt())
    }
    let Some(stage) = stage().await else { return };
    let (obstacle, log) = (Obstacle::on(&stage).await, Log::default());
    assert_eq!(locks(&stage.pool, &obstacle, &log).await.unwrap(), 2);
    let notes = log.notes();
    assert!(notes[0].contains("Sperre"), "it spoke English: {notes:?}");
    assert_eq!(stage.stored().await, [2]);
    stage.end().await;
}

#[tokio::test]
async fn c75_in_german_a_lock_timeout_is_a_conflict() {
    #[transactional(lock_timeout = "1s")]
    #[retry_on_conflict(attempts = 3)]
    async fn waits(tx: DbTx<'_>, obstacle: &Obstacle, log: &Log) -> Result<u32, AppError> {
        if tx.attempt() == 2 {
            obstacle.remove().await;
        }
        let updated = execute(&mut tx, "UPDATE taken SET n = 1 WHERE id = 1").await;
        if let Err(error) = &updated {
            log.add(error);
        }
        updated?;
        Ok(tx.attempt())
    }
    let Some(stage) = stage().await else { return };
    let (obstacle, log) = (Obstacle::on(&stage).await, Log::default());
    assert_eq!(waits(&stage.pool, &obstacle, &log).await.unwrap(), 2);
    let notes = log.notes();
    assert!(notes[0].contains("Sperre"), "it spoke English: {notes:?}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c57_in_german_two_transactions_that_deadlock_both_end_committed() {
    #[transactional]
    #[retry_on_conflict(attempts = 5)]
    async fn transfer(
        tx: DbTx<'_>,
        from: i64,
        to: i64,
        barrier: Arc<Barrier>,
    ) -> Result<u32, AppError> {
        let taking = format!("UPDATE taken SET n = n - 1 WHERE id = {from}");
        execute(&mut tx, &taking).await?;
        if tx.attempt() == 1 {
            barrier.wait().await;
        }
        let giving = format!("UPDATE taken SET n = n + 1 WHERE id = {to}");
        execute(&mut tx, &giving).await?;
        insert(&mut tx, from).await?;
        Ok(tx.attempt())
    }
    let Some(stage) = stage().await else { return };
    let barrier = Arc::new(Barrier::new(2));
    let transfer = |from, to| {
        let (pool, barrier) = (stage.pool.clone(), barrier.clone());
        spawn(async move { transfer(&pool, from, to, barrier).await })
    };
    let (there, back) = (transfer(1, 2), transfer(2, 1));
    let attempts = finished(there).await.unwrap() + finished(back).await.unwrap();
    assert!(attempts >= 3, "there was no deadlock");
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn c55_in_german_a_duplicate_is_no_conflict() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn duplicates(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        execute(&mut tx, "INSERT INTO taken (id) VALUES (1)").await?;
        Ok(())
    }
    let Some(stage) = stage().await else { return };
    let log = Log::default();
    duplicates(&stage.pool, &log).await.unwrap_err();
    assert_eq!(log.notes(), ["ran"]);
    stage.end().await;
}

#[tokio::test]
async fn c39_in_german_what_ruined_the_transaction_is_what_it_is_in_english() {
    #[transactional]
    async fn ruins(tx: DbTx<'_>, stage: &Stage) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        ruin(&mut tx, stage).await;
        insert(&mut tx, 2).await.unwrap_err();
        Ok(())
    }
    let Some(stage) = stage().await else { return };
    let error = ruins(&stage.pool, &stage).await.unwrap_err().transaction();
    let txkit::Error::Poisoned { source, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(source.conflict(), RUIN);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}
