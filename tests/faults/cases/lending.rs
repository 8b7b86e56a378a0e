//! A lent connection on which a helper's own `begin()` was cancelled, or came too late: the next borrower has a clean one.

use sqlx::Connection as _;
use txkit::transactional;

use super::world::{World, add, raw_add};
use super::{Connection, Tx};
use crate::support::{Failure, Moment, bounded, drop_after};

#[transactional]
async fn cancels(tx: Tx<'_>, polls: usize, moment: Moment) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.with_conn(async |conn: &mut Connection| {
        let _given_up = drop_after(polls, moment, conn.begin()).await;
        Ok(())
    })
    .await?;
    add(&mut tx, 2).await
}

#[transactional]
async fn cancels_in_a_drop_in(
    conn: &mut Connection,
    polls: usize,
    moment: Moment,
) -> Result<(), Failure> {
    raw_add(conn, 1).await?;
    let _given_up = drop_after(polls, moment, conn.begin()).await;
    Ok(())
}

/// By then there is no transaction for the helper to nest in.
async fn ends_and_begins(conn: &mut Connection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("ROLLBACK").execute(&mut *conn).await?;
    conn.begin().await?.commit().await
}

#[transactional]
async fn begins_too_late(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.with_conn(ends_and_begins).await?;
    Ok(())
}

#[transactional]
async fn begins_too_late_in_a_drop_in(conn: &mut Connection) -> Result<(), Failure> {
    raw_add(conn, 1).await?;
    ends_and_begins(conn).await?;
    Ok(())
}

/// What the next borrower does, with and without a transaction, is stored, and nothing else but what `stored` says.
async fn next_borrower(world: &World, when: &str, stored: [i64; 4]) {
    assert_eq!(world.rows().await, stored, "{when}");
    let mut next = bounded("the next borrower", world.pool.acquire())
        .await
        .unwrap();
    raw_add(&mut next, 3)
        .await
        .unwrap_or_else(|error| panic!("{when}: the next borrower: {error}"));
    assert_eq!(world.rows().await[2], 1, "{when}: not stored at once");
    let mut own = next
        .begin()
        .await
        .unwrap_or_else(|error| panic!("{when}: the next borrower's `begin()`: {error}"));
    raw_add(&mut own, 4).await.unwrap();
    own.commit().await.unwrap();
    drop(next);
    let [one, two, ..] = stored;
    assert_eq!(world.rows().await, [one, two, 1, 1], "{when}");
    world.assert_clean(when).await;
    world.reset().await;
}

const POLLS: [(usize, Moment); 4] = [
    (1, Moment::Pending),
    (1, Moment::Woken),
    (2, Moment::Pending),
    (2, Moment::Woken),
];

#[tokio::test]
async fn a_begin_cancelled_on_a_lent_connection() {
    let world = World::wired(1).await;
    for (polls, moment) in POLLS {
        let when = format!("`begin()` dropped after poll {polls} ({moment:?})");
        let result = bounded(&when, cancels(&world.pool, polls, moment)).await;
        // The driver's trap may have rolled the transaction back; nothing is autocommitted after that.
        let stored = if result.is_ok() { [1, 1, 0, 0] } else { [0; 4] };
        next_borrower(&world, &format!("{when}: {result:?}"), stored).await;
    }
}

#[tokio::test]
async fn a_begin_cancelled_in_a_drop_in() {
    let world = World::wired(1).await;
    for (polls, moment) in POLLS {
        let when = format!("`begin()` dropped after poll {polls} ({moment:?})");
        let mut connection = world.pool.acquire().await.unwrap();
        let call = cancels_in_a_drop_in(&mut connection, polls, moment);
        let result = bounded(&when, call).await;
        drop(connection);
        let stored = if result.is_ok() { [1, 0, 0, 0] } else { [0; 4] };
        next_borrower(&world, &format!("{when}: {result:?}"), stored).await;
    }
}

#[tokio::test]
async fn a_begin_after_the_end_of_the_transaction() {
    let world = World::new(1).await;
    let result = bounded("the call", begins_too_late(&world.pool)).await;
    let when = format!("a late `begin()`: {result:?}");
    assert!(result.is_err(), "{when}: `Ok` for what was lost");
    next_borrower(&world, &when, [0; 4]).await;
}

#[tokio::test]
async fn a_begin_after_the_end_of_a_drop_ins_transaction() {
    let world = World::new(1).await;
    let mut connection = world.pool.acquire().await.unwrap();
    let result = bounded("the call", begins_too_late_in_a_drop_in(&mut connection)).await;
    drop(connection);
    let when = format!("a late `begin()`: {result:?}");
    assert!(result.is_err(), "{when}: `Ok` for what was lost");
    next_borrower(&world, &when, [0; 4]).await;
}
