//! R11: a joined or nested call dropped at rest, with no statement on its way, marks the transaction around it.

use std::sync::Arc;

use tokio::sync::Notify;
use txkit::transactional;

use super::Tx;
use super::world::{World, add};
use crate::support::{Failure, parties};

#[transactional]
async fn joined(tx: Tx<'_>, at_rest: Arc<Notify>) -> Result<(), Failure> {
    add(&mut tx, 2).await?;
    at_rest.notify_one();
    std::future::pending().await
}

#[transactional(propagation = nested)]
async fn nested(tx: Tx<'_>, at_rest: Arc<Notify>) -> Result<(), Failure> {
    add(&mut tx, 2).await?;
    at_rest.notify_one();
    std::future::pending().await
}

#[transactional]
async fn around_joined(tx: Tx<'_>) -> Result<(), Failure> {
    let at_rest = Arc::new(Notify::new());
    add(&mut tx, 1).await?;
    tokio::select! {
        ended = joined(&mut tx, at_rest.clone()) => panic!("it ended: {ended:?}"),
        () = at_rest.notified() => {}
    }
    assert!(tx.is_rollback_only());
    Ok(())
}

#[transactional]
async fn around_nested(tx: Tx<'_>) -> Result<(), Failure> {
    let at_rest = Arc::new(Notify::new());
    add(&mut tx, 1).await?;
    tokio::select! {
        ended = nested(&mut tx, at_rest.clone()) => panic!("it ended: {ended:?}"),
        () = at_rest.notified() => {}
    }
    assert!(tx.is_rollback_only());
    Ok(())
}

async fn is_marked(world: &World, result: Result<(), Failure>, by: (&str, &str)) {
    let error = result.expect_err("half of it would have been stored");
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::RollbackOnly { .. })),
        "{error:?}"
    );
    assert_eq!(error.tx().and_then(parties), Some(by));
    world.assert_clean("after a dropped call").await;
    assert_eq!(world.rows().await, [0; 4]);
}

#[tokio::test]
async fn r11_a_joined_call_dropped_at_rest() {
    let world = World::new(1).await;
    let result = around_joined(&world.pool).await;
    is_marked(&world, result, ("joined", "around_joined")).await;
}

#[tokio::test]
async fn r11_a_nested_call_dropped_at_rest() {
    let world = World::new(1).await;
    let result = around_nested(&world.pool).await;
    is_marked(&world, result, ("nested", "around_nested")).await;
}
