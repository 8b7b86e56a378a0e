//! A failed statement on a lent PostgreSQL connection, after which a helper's own `begin()` fails as well.

use sqlx::Connection as _;
use txkit::transactional;

use super::world::{World, raw_add};
use super::{Connection, Tx};
use crate::support::{Failure, bounded};

/// The driver counts a savepoint that the server refused to make.
async fn fails_to_begin(conn: &mut Connection) -> Result<(), sqlx::Error> {
    raw_add(conn, 1).await?;
    let _swallowed = sqlx::query("SELECT 1 / 0").execute(&mut *conn).await;
    conn.begin().await?.commit().await
}

#[transactional]
async fn by_handle(tx: Tx<'_>) -> Result<(), Failure> {
    tx.with_conn(fails_to_begin).await?;
    Ok(())
}

#[transactional]
async fn drop_in(conn: &mut Connection) -> Result<(), Failure> {
    fails_to_begin(conn).await?;
    Ok(())
}

#[transactional]
async fn swallowing_drop_in(conn: &mut Connection) -> Result<(), Failure> {
    let _swallowed = fails_to_begin(conn).await.expect_err("it was refused");
    Ok(())
}

async fn next_borrower(world: &World) {
    let mut next = world.pool.acquire().await.unwrap();
    raw_add(&mut next, 2).await.unwrap();
    drop(next);
    assert_eq!(world.rows().await, [0, 1, 0, 0], "not stored at once");
    world.assert_clean("after a failed `begin()`").await;
}

#[tokio::test]
async fn a_begin_that_fails_on_a_lent_connection() {
    let world = World::new(1).await;
    bounded("the call", by_handle(&world.pool))
        .await
        .expect_err("a false `Ok`");
    next_borrower(&world).await;
}

#[tokio::test]
async fn a_begin_that_fails_in_a_drop_in() {
    let world = World::new(1).await;
    let mut connection = world.pool.acquire().await.unwrap();
    bounded("the call", drop_in(&mut connection))
        .await
        .expect_err("a false `Ok`");
    drop(connection);
    next_borrower(&world).await;
}

#[tokio::test]
async fn a_begin_that_fails_in_the_callers_own_transaction() {
    for commit in [false, true] {
        let world = World::new(1).await;
        let mut own = world.pool.begin().await.unwrap();
        raw_add(&mut own, 3).await.unwrap();
        bounded("the call", swallowing_drop_in(&mut own))
            .await
            .expect_err("`Ok` for what was lost");
        // PostgreSQL makes a rollback of it, whatever the driver says.
        let _ended = if commit {
            own.commit().await
        } else {
            own.rollback().await
        };
        assert_eq!(world.rows().await, [0; 4], "commit: {commit}");
        next_borrower(&world).await;
    }
}
