//! Engines on which two transactions can write at once.

use std::sync::Arc;

use super::*;

#[transactional(propagation = requires_new)]
async fn record(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
    insert(&mut tx, id).await?;
    if fail {
        Err(AppError::Declined(2))
    } else {
        Ok(())
    }
}

#[tokio::test]
async fn c30_the_inner_ones_rollback_leaves_the_outer_alone() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let error = record(&mut tx, 2, true).await.unwrap_err();
        assert!(matches!(error, AppError::Declined(2)), "{error:?}");
        assert!(!tx.is_rollback_only());
        insert(&mut tx, 3).await?;
        Ok(())
    }
    let stage = Stage::of(2).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 3]);
    stage.end().await;
}

#[tokio::test]
async fn c30_the_inner_ones_commit_survives_the_outers_rollback() {
    #[transactional]
    async fn c30_outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        record(&mut tx, 2, false).await?;
        assert!(items(&mut tx).await?.contains(&1));
        Err(AppError::Other)
    }
    let (stage, tally) = Stage::tally(2).await;
    let (commits, rollbacks) = (tally.commits(), tally.rollbacks());
    c30_outer(&stage.pool).await.unwrap_err();
    assert_eq!(
        (tally.commits() - commits, tally.rollbacks() - rollbacks),
        (1, 1)
    );
    assert_eq!(stage.stored().await, [2]);
    stage.end().await;
}

#[tokio::test]
async fn c30_hooks_of_the_inner_one_run_with_its_own_end() {
    #[transactional(propagation = requires_new)]
    async fn inner(tx: DbTx<'_>, log: Log) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        tx.after_commit(move || log.add("inner committed"));
        Ok(())
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, log: Log) -> Result<(), AppError> {
        let hook = log.clone();
        tx.after_commit(move || hook.add("outer committed"));
        inner(&mut tx, log.clone()).await?;
        log.add("outer goes on");
        Ok(())
    }
    let (stage, log) = (Stage::of(2).await, Log::default());
    outer(&stage.pool, log.clone()).await.unwrap();
    assert_eq!(
        log.notes(),
        ["inner committed", "outer goes on", "outer committed"]
    );
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c57_two_transactions_that_deadlock_both_end_committed() {
    #[transactional]
    #[retry_on_conflict(attempts = 5)]
    async fn c57_transfer(
        tx: DbTx<'_>,
        from: i64,
        to: i64,
        barrier: Arc<Barrier>,
    ) -> Result<u32, AppError> {
        execute(
            &mut tx,
            &format!("UPDATE taken SET n = n - 1 WHERE id = {from}"),
        )
        .await?;
        if tx.attempt() == 1 {
            barrier.wait().await;
        }
        execute(
            &mut tx,
            &format!("UPDATE taken SET n = n + 1 WHERE id = {to}"),
        )
        .await?;
        insert(&mut tx, from).await?;
        Ok(tx.attempt())
    }
    let stage = Stage::of(2).await;
    let (barrier, watch) = (Arc::new(Barrier::new(2)), watch!(c57_transfer));
    let transfer = |from, to| {
        let (pool, barrier) = (stage.pool.clone(), barrier.clone());
        spawn(async move { c57_transfer(&pool, from, to, barrier).await })
    };
    let (there, back) = (transfer(1, 2), transfer(2, 1));
    let attempts = finished(there).await.unwrap() + finished(back).await.unwrap();
    assert!(attempts >= 3, "there was no deadlock");
    let replayed = format!("replayed 1: {:?}", Some(Conflict::Deadlock));
    assert!(watch.notes().contains(&replayed), "{:?}", watch.notes());
    let mut conn = stage.lease().await;
    let moved = raw_number(&mut conn, "SELECT count(*) FROM taken WHERE n = 0").await;
    assert_eq!(moved.unwrap(), 2);
    drop(conn);
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn c78_a_row_that_the_suspended_caller_has_locked_is_a_self_deadlock() {
    #[transactional(propagation = requires_new, lock_timeout = "1s")]
    #[retry_on_conflict(attempts = 3)]
    async fn touches(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        execute(&mut tx, "UPDATE taken SET n = 2 WHERE id = 1").await?;
        Ok(())
    }
    #[transactional]
    async fn holds(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        execute(&mut tx, "UPDATE taken SET n = 1 WHERE id = 1").await?;
        touches(&mut tx, log).await
    }
    let (stage, log) = (Stage::of(2).await, Log::default());
    let error = holds(&stage.pool, &log).await.unwrap_err().transaction();
    let txkit::Error::SelfDeadlock {
        function, outer, ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert!(
        function.ends_with("::touches") && outer.ends_with("::holds"),
        "{function} in {outer}"
    );
    assert_eq!(log.notes(), ["ran"]);
    stage.end().await;
}
