//! A transaction that is the caller's own: what a function does inside it neither ends it nor is lost in silence.

use sqlx::Connection as _;
use txkit::transactional;

use super::world::{World, add, raw_add};
use super::{Connection, Tx};
use crate::support::{Failure, Moment, bounded, drop_after};

#[transactional]
async fn drop_in(conn: &mut Connection, polls: usize, moment: Moment) -> Result<(), Failure> {
    raw_add(conn, 2).await?;
    let _given_up = drop_after(polls, moment, conn.begin()).await;
    Ok(())
}

#[transactional]
async fn by_handle(tx: Tx<'_>, polls: usize, moment: Moment) -> Result<(), Failure> {
    add(&mut tx, 2).await?;
    tx.with_conn(async |conn: &mut Connection| {
        let _given_up = drop_after(polls, moment, conn.begin()).await;
        Ok(())
    })
    .await?;
    Ok(())
}

/// Calls a function inside the caller's own transaction, which is then committed or rolled back, as the caller likes;
/// one that was told of a failure rolls back.
async fn inside(call: impl AsyncFn(&mut Connection, usize, Moment) -> Result<(), Failure>) {
    let world = World::wired(1).await;
    for (moment, polls) in [Moment::Pending, Moment::Woken]
        .into_iter()
        .flat_map(|m| [(m, 1), (m, 2)])
    {
        for commit in [true, false] {
            let mut own = world.pool.begin().await.unwrap();
            raw_add(&mut own, 1).await.unwrap();
            let result = bounded("the call", call(&mut own, polls, moment)).await;
            let when = format!("dropped after poll {polls} ({moment:?}): {result:?}, {commit}");
            let commit = commit && result.is_ok();
            let ended = if commit {
                own.commit().await
            } else {
                own.rollback().await
            };
            // The driver's own trap leaves it no savepoint to go back to; only an `Ok` says that all is well.
            assert!(ended.is_ok() || !commit, "{when}: {ended:?}");
            let stored = if commit { [1, 1, 0, 0] } else { [0; 4] };
            assert_eq!(world.rows().await, stored, "{when}");
            world.reset().await;
        }
    }
}

#[tokio::test]
async fn a_begin_cancelled_in_a_drop_in_inside_the_callers_own_transaction() {
    let drop_in = async |conn: &mut Connection, polls, moment| drop_in(conn, polls, moment).await;
    inside(drop_in).await;
}

#[tokio::test]
async fn a_begin_cancelled_on_a_lent_connection_inside_the_callers_own_transaction() {
    let by_handle =
        async |conn: &mut Connection, polls, moment| by_handle(conn, polls, moment).await;
    inside(by_handle).await;
}
