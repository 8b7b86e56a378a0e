//! A transaction that was committed halfway, on a lent connection: the caller hears of it, whatever else happened.

use txkit::transactional;

use super::world::{World, add};
use super::{Connection, Tx};
use crate::support::{Failure, Tally, bounded};

async fn commits(conn: &mut Connection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("COMMIT").execute(conn).await.map(drop)
}

fn count(tx: &mut Tx<'_>, tally: Tally) {
    let Tally {
        body,
        committed,
        rolled_back,
        ..
    } = tally;
    body.add();
    tx.after_commit(move || committed.add());
    tx.after_rollback(move |_| rolled_back.add());
}

#[transactional(retry(attempts = 3, base = "1ms"))]
async fn commits_and_fails(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    count(&mut tx, tally);
    add(&mut tx, 1).await?;
    tx.with_conn(commits).await?;
    Err(Failure::Body("after a COMMIT"))
}

#[transactional(propagation = nested)]
async fn commits_nested(tx: Tx<'_>) -> Result<(), Failure> {
    tx.with_conn(commits).await?;
    Ok(())
}

#[transactional(retry(attempts = 3, base = "1ms"))]
async fn around(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    count(&mut tx, tally);
    add(&mut tx, 1).await?;
    commits_nested(&mut tx).await
}

/// It ran once, row 1 is stored, and no hook ran: neither outcome would be true.
async fn check(world: &World, result: Result<(), Failure>, tally: &Tally) {
    let error = result.expect_err("a false `Ok`");
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::PartlyCommitted { .. })),
        "{error:?}"
    );
    let hooks = (tally.committed.get(), tally.rolled_back.get());
    assert_eq!((tally.body.get(), hooks), (1, (0, 0)));
    assert_eq!(world.rows().await, [1, 0, 0, 0]);
    world.assert_clean("after a partial commit").await;
}

#[tokio::test]
async fn an_error_after_a_lent_commit() {
    let (world, tally) = (World::new(1).await, Tally::default());
    let result = bounded("the call", commits_and_fails(&world.pool, tally.clone())).await;
    check(&world, result, &tally).await;
}

#[tokio::test]
async fn a_lent_commit_inside_a_savepoint() {
    let (world, tally) = (World::new(1).await, Tally::default());
    let result = bounded("the call", around(&world.pool, tally.clone())).await;
    check(&world, result, &tally).await;
}
