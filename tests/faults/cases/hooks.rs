//! R21: hooks after a cancellation, and after the connection has gone back.

use std::sync::Arc;

use tokio::sync::{Notify, oneshot};
use txkit::transactional;

use super::world::{World, add};
use super::{Tx, world};
use crate::support::{Failure, Tally, bounded, eventually};

#[transactional]
async fn confirmed(
    tx: Tx<'_>,
    started: Arc<Notify>,
    go_on: oneshot::Receiver<()>,
    tally: Tally,
) -> Result<(), Failure> {
    let (first, second) = (tally.committed.clone(), tally.committed.clone());
    add(&mut tx, 1).await?;
    tx.after_commit(move || async move {
        started.notify_one();
        let _ = go_on.await;
        first.add();
    });
    tx.after_commit(move || second.add());
    tx.after_rollback(move |_| tally.rolled_back.add());
    Ok(())
}

#[tokio::test]
async fn r21_hooks_go_on_in_a_task_when_the_caller_is_cancelled_after_commit() {
    let world = World::new(1).await;
    let (started, (go_on, wait), tally) = (
        Arc::new(Notify::new()),
        oneshot::channel(),
        Tally::default(),
    );
    tokio::select! {
        result = confirmed(&world.pool, started.clone(), wait, tally.clone()) => panic!("{result:?} before its hook"),
        () = started.notified() => {}
    }
    assert_eq!(tally.committed.get(), 0);
    world.assert_clean("with hooks still running").await;
    go_on.send(()).unwrap();
    eventually("both hooks", async || tally.committed.get() == 2).await;
    assert_eq!((tally.rolled_back.get(), world.rows().await[0]), (0, 1));
}

#[transactional]
async fn chained(
    tx: Tx<'_>,
    pool: sqlx::Pool<super::Driver>,
    result: oneshot::Sender<Result<(), Failure>>,
) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.after_commit(move || async move {
        let _ = result.send(follow_up(&pool).await);
    });
    Ok(())
}

#[transactional]
async fn follow_up(tx: Tx<'_>) -> Result<(), Failure> {
    world::add(&mut tx, 2).await
}

#[tokio::test]
async fn c60_a_hook_begins_a_transaction_on_a_pool_of_one() {
    let world = World::new(1).await;
    let (send, receive) = oneshot::channel();
    bounded("the hook", chained(&world.pool, world.pool.clone(), send))
        .await
        .unwrap();
    receive.await.unwrap().unwrap();
    assert_eq!(world.rows().await, [1, 1, 0, 0]);
}

#[transactional]
async fn unwinding(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.after_commit(move || tally.committed.add());
    tx.after_rollback(|_| -> () { panic!("the hook's panic") });
    panic!("the body's panic");
}

#[tokio::test]
async fn c06_the_bodys_panic_goes_on_after_its_hooks_panic() {
    let world = World::new(1).await;
    let (pool, tally) = (world.pool.clone(), Tally::default());
    let panicked = tokio::spawn({
        let tally = tally.clone();
        async move { unwinding(&pool, tally).await }
    });
    let panic = panicked.await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"the body's panic"));
    world.assert_clean("after a panic").await;
    assert_eq!((tally.committed.get(), world.rows().await), (0, [0; 4]));
}
