//! The same engine without attributes: a closure, options by hand, and a guard.

use std::time::Duration;

use txkit::{Definition, Isolation, Propagation, Retry};

use super::*;

#[tokio::test]
async fn c01_c02_a_closure_commits_or_rolls_back() {
    let stage = Stage::of(1).await;
    let kept: Result<i64, AppError> = txkit::transaction(&stage.pool, async |tx| {
        insert(tx, 1).await?;
        Ok(9)
    })
    .await;
    assert_eq!(kept.unwrap(), 9);
    let lost: Result<(), AppError> = txkit::transaction(&stage.pool, async |tx| {
        insert(tx, 2).await?;
        Err(AppError::Declined(4))
    })
    .await;
    assert!(matches!(lost, Err(AppError::Declined(4))), "{lost:?}");
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn c20_closures_and_functions_join_each_other() {
    #[transactional]
    async fn function(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        insert(&mut tx, id).await?;
        let inner = txkit::transaction(&mut tx, async |tx: &mut DbTx<'_>| insert(tx, id + 1).await);
        Ok(inner.await?)
    }
    let (stage, tally) = Stage::tally(1).await;
    let commits = tally.commits();
    let result: Result<(), AppError> = txkit::transaction(&stage.pool, async |tx| {
        function(&mut *tx, 1).await?;
        function(tx, 3).await
    })
    .await;
    result.unwrap();
    assert_eq!(tally.commits() - commits, 1);
    assert_eq!(stage.stored().await, [1, 2, 3, 4]);
    stage.end().await;
}

#[tokio::test]
async fn c50_options_by_hand_retry_a_clone_of_the_closure() {
    const RETRY: Retry = Retry::new().attempts(3).base(Duration::from_millis(1));
    static BY_HAND: Definition = Definition::new("by hand", file!(), line!())
        .isolation(Isolation::Serializable)
        .retry(RETRY);
    let (stage, obstacle) = Obstacle::stage().await;
    let blocked = obstacle.clone();
    let result: Result<u32, AppError> = BY_HAND
        .run(&stage.pool, async |tx: &mut DbTx<'_>| {
            assert_eq!(tx.isolation(), Some(Isolation::Serializable));
            if tx.attempt() == 2 {
                blocked.remove().await;
            }
            insert_attempt(tx).await?;
            blocked.meet(tx).await?;
            Ok(tx.attempt())
        })
        .await;
    assert_eq!(result.unwrap(), 2);
    assert_eq!(stage.stored().await, [2]);
    stage.end().await;
}

#[tokio::test]
async fn c35_a_nested_closure_is_undone_alone() {
    static NESTED: Definition =
        Definition::new("nested by hand", file!(), line!()).propagation(Propagation::Nested);
    let stage = Stage::of(1).await;
    let result: Result<(), AppError> = txkit::transaction(&stage.pool, async |tx| {
        insert(tx, 1).await?;
        let undone: Result<(), AppError> = NESTED
            .run(&mut *tx, async |tx: &mut DbTx<'_>| {
                insert(tx, 2).await?;
                Err(AppError::Other)
            })
            .await;
        undone.unwrap_err();
        Ok(insert(tx, 3).await?)
    })
    .await;
    result.unwrap();
    assert_eq!(stage.stored().await, [1, 3]);
    stage.end().await;
}

#[tokio::test]
async fn c82_a_closure_that_captures_a_reference_can_be_spawned() {
    let stage = Stage::of(2).await;
    let pool = stage.pool.clone();
    let task = spawn(async move {
        let id = 5;
        let id = &id;
        txkit::transaction(&pool, async move |tx: &mut DbTx<'_>| {
            insert(tx, *id).await?;
            Ok::<_, AppError>(())
        })
        .await
    });
    finished(task).await.unwrap();
    assert_eq!(stage.stored().await, [5]);
    stage.end().await;
}

#[tokio::test]
async fn a_guard_commits_rolls_back_or_is_dropped() {
    #[transactional]
    async fn joined(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(&mut tx, id).await?)
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;

    let mut open = txkit::begin(&stage.pool).await.unwrap();
    insert(&mut open.tx(), 1).await.unwrap();
    joined(&mut open.tx(), 2).await.unwrap();
    open.commit().await.unwrap();
    assert_eq!(stage.stored().await, [1, 2]);

    let mut open = txkit::begin(&stage.pool).await.unwrap();
    joined(&mut open.tx(), 3).await.unwrap();
    open.rollback().await.unwrap();
    assert_unchanged(&before, &stage.session().await);

    let mut open = txkit::begin(&stage.pool).await.unwrap();
    joined(&mut open.tx(), 4).await.unwrap();
    drop(open);
    stage.db.assert_quiet().await;
    assert_unchanged(&before, &stage.session().await);
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn c21_a_guard_does_not_commit_what_a_joined_function_failed_at() {
    #[transactional]
    async fn fails(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        Err(AppError::Declined(6))
    }
    let stage = Stage::of(1).await;
    let mut open = txkit::begin(&stage.pool).await.unwrap();
    let _swallowed = fails(&mut open.tx()).await;
    let error = open.commit().await.unwrap_err();
    let txkit::Error::RollbackOnly { by, .. } = error else {
        panic!("{error:?}")
    };
    assert!(by.ends_with("::fails"), "{by}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c60_hooks_of_a_guard_run_when_it_ends() {
    let (stage, log) = (Stage::of(1).await, Log::default());
    for commit in [true, false] {
        let mut open = txkit::begin(&stage.pool).await.unwrap();
        let mut tx = open.tx();
        let [committed, undone] = [log.clone(), log.clone()];
        tx.after_commit(move || committed.add("committed"));
        tx.after_rollback(move |_| undone.add("undone"));
        insert(&mut tx, 1).await.unwrap();
        if commit {
            open.commit().await.unwrap()
        } else {
            open.rollback().await.unwrap()
        }
        stage.rival("DELETE FROM item").await;
    }
    assert_eq!(log.notes(), ["committed", "undone"]);
    stage.end().await;
}
