//! c70 for a drop-in on a connection that goes back to a pool afterwards, where a drop can queue more than a rollback.

use txkit::{read_only, transactional};

use super::Connection;
use super::cancelling::at_every_await;
use super::world::raw_add;
use crate::support::Failure;

#[transactional(lock_timeout = "20s", statement_timeout = "20s")]
async fn drop_in(conn: &mut Connection) -> Result<(), Failure> {
    raw_add(conn, 1).await?;
    raw_add(conn, 2).await?;
    Ok(())
}

#[read_only(lock_timeout = "20s")]
async fn reading(conn: &mut Connection) -> Result<(), Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(conn).await?;
    Ok(())
}

#[tokio::test]
async fn c70_drop_in_on_a_connection_leased_by_hand() {
    at_every_await(1, async |world, _| {
        let mut connection = world.pool.acquire().await?;
        drop_in(&mut connection).await
    })
    .await;
}

#[tokio::test]
async fn c70_reading_drop_in_on_a_connection_leased_by_hand() {
    at_every_await(1, async |world, _| {
        let mut connection = world.pool.acquire().await?;
        reading(&mut connection).await
    })
    .await;
}
