//! A rollback-only mark next to a conflict that was swallowed: the mark is what the caller hears of.

use txkit::transactional;

use super::world::{World, add};
use super::{Connection, Tx};
use crate::support::{Failure, bounded, parties};

#[transactional(propagation = nested)]
async fn conflicts(tx: Tx<'_>) -> Result<(), Failure> {
    let locked = "SELECT n FROM acc WHERE id = 1 FOR UPDATE NOWAIT";
    sqlx::query(locked).execute(&mut tx).await?;
    Ok(())
}

#[transactional]
async fn joined(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 2).await?;
    conflicts(&mut tx).await
}

#[transactional]
async fn swallows(tx: Tx<'_>) -> Result<(), Failure> {
    let _swallowed = joined(&mut tx).await.expect_err("the row is locked");
    Ok(())
}

#[transactional]
async fn marks_itself(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 3).await?;
    tx.set_rollback_only();
    let _swallowed = conflicts(&mut tx).await.expect_err("refused or locked");
    Ok(())
}

/// Locks row 1 for as long as it is kept.
async fn holder(world: &World) -> Connection {
    let mut holder = world.outsider().await;
    sqlx::raw_sql("BEGIN; UPDATE acc SET n = n + 1 WHERE id = 1")
        .execute(&mut holder)
        .await
        .unwrap();
    holder
}

/// Nothing was stored, and the error names who marked the transaction of whom.
async fn check(world: &World, mut holder: Connection, error: &Failure, names: (&str, &str)) {
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut holder)
        .await
        .unwrap();
    let Failure::Tx(error @ txkit::Error::RollbackOnly { .. }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(parties(error), Some(names));
    assert_eq!(world.rows().await, [0; 4]);
    world.assert_clean("after a mark and a conflict").await;
}

#[tokio::test]
async fn a_joined_functions_mark_outlives_its_savepoints_conflict() {
    let world = World::new(2).await;
    let holder = holder(&world).await;
    let error = bounded("the call", swallows(&world.pool))
        .await
        .expect_err("a false `Ok`");
    check(&world, holder, &error, ("joined", "swallows")).await;
}

#[tokio::test]
async fn a_functions_own_mark_outlives_a_savepoints_conflict() {
    let world = World::new(2).await;
    let holder = holder(&world).await;
    let error = bounded("the call", marks_itself(&world.pool))
        .await
        .expect_err("a false `Ok`");
    check(&world, holder, &error, ("marks_itself", "marks_itself")).await;
}
