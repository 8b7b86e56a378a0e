//! R14 on a connection of the caller's own, which cannot be closed: its next transaction is its own, or an error.

use sqlx::ConnectOptions as _;
use txkit::transactional;
use txkit_tests::TestDatabase as _;

use super::world::{World, add, raw_add};
use super::{Connection, Tx};
use crate::support::{Failure, Moment, bounded, drop_after};

#[transactional(isolation = serializable)]
async fn by_handle(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    add(&mut tx, 2).await
}

#[transactional(lock_timeout = "20s")]
async fn drop_in(conn: &mut Connection) -> Result<(), Failure> {
    raw_add(conn, 1).await?;
    raw_add(conn, 2).await?;
    Ok(())
}

/// Cancels one transaction on a connection at each poll, and runs another one on it.
async fn twice(run: impl AsyncFn(&mut Connection) -> Result<(), Failure>) {
    let world = World::wired(1).await;
    for moment in [Moment::Pending, Moment::Woken] {
        let mut ended = false;
        for polls in 1..100 {
            let when = format!("dropped after poll {polls} ({moment:?})");
            let options = world.pool.connect_options();
            let mut connection = options.connect().await.unwrap();
            let first = drop_after(polls, moment, run(&mut connection)).await;
            ended = first.is_some();
            let second = bounded(&when, run(&mut connection)).await;
            drop(connection);
            bounded(&when, world.db.assert_quiet()).await;
            check(&world, &when, ended, &second).await;
            if ended {
                break;
            }
        }
        assert!(ended, "it never ended");
    }
}

/// `second` was stored exactly if it says so; the first one once at most, and certainly if it ended.
async fn check(world: &World, when: &str, ended: bool, second: &Result<(), Failure>) {
    let [one, two, ..] = world.rows().await;
    let least = i64::from(second.is_ok()) + i64::from(ended);
    assert_eq!(one, two, "{when}: half of it was stored");
    assert!(one >= least, "{when}: {second:?} was lost, of {one}");
    assert!(
        one <= i64::from(second.is_ok()) + 1,
        "{when}: {second:?} was stored, {one}"
    );
    assert!(!ended || second.is_ok(), "{when}: {second:?}");
    world.reset().await;
}

#[tokio::test]
async fn r14_the_next_transaction_on_a_borrowed_connection() {
    twice(async |connection: &mut Connection| by_handle(connection).await).await;
}

#[tokio::test]
async fn r14_the_next_transaction_of_a_drop_in() {
    twice(async |connection: &mut Connection| drop_in(connection).await).await;
}
