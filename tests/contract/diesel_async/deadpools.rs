//! The same adapter on deadpool's pools: what a pool has to do with.

use diesel_async::pooled_connection::deadpool;
use tokio::sync::Notify;

use super::*;

type Deadpool = deadpool::Pool<Conn>;

/// A pool of deadpool's on a stage.
fn pool_on(stage: &Stage, size: usize) -> Deadpool {
    let manager = pools::manager(stage.db.url(&Knobs::default()), Knobs::default());
    deadpool::Pool::builder(manager)
        .max_size(size)
        .build()
        .expect("a pool")
}

#[transactional]
async fn place(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
    insert(&mut tx, id).await?;
    if fail { Err(AppError::Other) } else { Ok(()) }
}

#[tokio::test]
async fn c01_c02_deadpool_commits_rolls_back_and_has_its_connection_back() {
    let stage = Stage::of(1).await;
    let pool = pool_on(&stage, 1);
    let before = Db::session(&mut pool.get().await.unwrap()).await;
    place(&pool, 1, false).await.unwrap();
    place(&pool, 2, true).await.unwrap_err();
    let mut leased = pool.get().await.unwrap();
    assert_unchanged(&before, &Db::session(&mut leased).await);
    place(&mut leased, 3, false).await.unwrap();
    place(&mut *leased, 4, true).await.unwrap_err();
    drop(leased);
    assert_eq!(pool.status().available, 1);
    assert_eq!(stage.stored().await, [1, 3]);
    stage.end().await;
}

#[tokio::test]
async fn c03_a_closed_deadpool_is_an_error_before_the_body() {
    let stage = Stage::of(1).await;
    let pool = pool_on(&stage, 1);
    pool.close();
    let error = place(&pool, 1, false).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::Acquire { .. }), "{error:?}");
    stage.end().await;
}

#[tokio::test]
async fn c74_requires_new_on_a_deadpool_of_one_is_an_error_at_once() {
    #[read_only(propagation = requires_new)]
    async fn beside(tx: DbReadTx<'_>) -> Result<Vec<i64>, AppError> {
        Ok(items(&mut tx).await?)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<Option<Vec<i64>>, AppError> {
        insert(&mut tx, 1).await?;
        match beside(&mut tx).await {
            Ok(seen) => Ok(Some(seen)),
            Err(error) => match error.transaction() {
                txkit::Error::Starved { max: 1, .. } => Ok(None),
                other => panic!("{other:?}"),
            },
        }
    }
    let stage = Stage::of(1).await;
    let asked = std::time::Instant::now();
    assert_eq!(outer(&pool_on(&stage, 1)).await.unwrap(), None);
    assert!(
        asked.elapsed() < std::time::Duration::from_secs(3),
        "it hung"
    );
    stage.rival("DELETE FROM item").await;
    assert_eq!(outer(&pool_on(&stage, 2)).await.unwrap(), Some(vec![]));
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn c70_cancelled_on_a_deadpool_the_next_borrower_sees_nothing() {
    #[transactional]
    async fn never_ends(tx: DbTx<'_>, reached: &Notify) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        reached.notify_one();
        std::future::pending().await
    }
    let stage = Stage::of(1).await;
    let pool = pool_on(&stage, 1);
    let before = Db::session(&mut pool.get().await.unwrap()).await;
    let reached = Notify::new();
    let mut call = Box::pin(never_ends(&pool, &reached));
    until(&reached, call.as_mut()).await;
    drop(call);
    place(&pool, 2, false).await.unwrap();
    assert_unchanged(&before, &Db::session(&mut pool.get().await.unwrap()).await);
    assert_eq!(stage.stored().await, [2]);
    stage.end().await;
}

#[tokio::test]
async fn c70_cancelled_on_a_deadpool_its_locks_are_gone_before_anybody_asks_the_pool() {
    #[transactional]
    async fn never_ends(tx: DbTx<'_>, reached: &Notify) -> Result<(), AppError> {
        execute(&mut tx, "DELETE FROM item WHERE id = 1").await?;
        reached.notify_one();
        std::future::pending().await
    }
    let stage = Stage::of(1).await;
    let pool = pool_on(&stage, 2);
    place(&pool, 1, false).await.unwrap();
    let reached = Notify::new();
    let mut call = Box::pin(never_ends(&pool, &reached));
    until(&reached, call.as_mut()).await;
    drop(call);
    // It would wait for ever, or for the server's patience, which is an error.
    stage.rival("DELETE FROM item WHERE id = 1").await;
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c70_diesels_nested_transaction_dropped_half_way_is_not_committed() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let reached = Notify::new();
        let mut inner = Box::pin(tx.transaction(async |tx| {
            insert(tx, 2).await?;
            reached.notify_one();
            std::future::pending::<Result<(), AppError>>().await
        }));
        until(&reached, inner.as_mut()).await;
        drop(inner);
        let _perhaps_refused = insert(&mut tx, 3).await;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let pool = pool_on(&stage, 1);
    outer(&pool).await.unwrap_err();
    assert_eq!(stage.stored().await, [0_i64; 0]);
    place(&pool, 4, false).await.unwrap();
    assert_eq!(stage.stored().await, [4]);
    stage.end().await;
}

#[tokio::test]
async fn c80_transactions_on_a_deadpool_queue_for_its_connections() {
    let stage = Stage::of(1).await;
    let pool = pool_on(&stage, 2);
    let tasks: Vec<_> = (0..12_i64)
        .map(|id| {
            let pool = pool.clone();
            spawn(async move { (id, place(&pool, id, id % 2 == 1).await) })
        })
        .collect();
    for task in tasks {
        let (id, result) = finished(task).await;
        assert_eq!(result.is_ok(), id % 2 == 0, "{id}: {result:?}");
    }
    assert_eq!(stage.stored().await, [0, 2, 4, 6, 8, 10]);
    stage.end().await;
}
