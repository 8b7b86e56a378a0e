//! SQLite's settings are the connection's: inside a transaction begun by raw SQL, which txkit does not end, they go back
//! as well when the function does.

use txkit::{read_only, transactional};

use super::world::{World, add, raw_add};
use super::{Connection, ReadTx, SLOW, Tx};
use crate::support::{Failure, bounded};

#[read_only]
async fn reads(tx: ReadTx<'_>) -> Result<(), Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(&mut tx).await?;
    Ok(())
}

#[transactional(lock_timeout = "3s", statement_timeout = "500ms")]
async fn limited(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await
}

#[transactional(lock_timeout = "3s", statement_timeout = "500ms")]
async fn limited_and_fails(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    Err(Failure::Body("on purpose"))
}

async fn raw(conn: &mut Connection, sql: &'static str) {
    let sent = sqlx::raw_sql(sql).execute(conn).await;
    sent.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Calls a function in a transaction begun by raw SQL, which then can write and is not limited, nor is what follows it.
async fn inside(call: impl AsyncFn(&mut Connection)) {
    let world = World::new(1).await;
    let mut connection = world.pool.acquire().await.unwrap();
    raw(&mut connection, "BEGIN").await;
    bounded("the call", call(&mut connection)).await;
    raw_add(&mut connection, 2).await.expect("still read-only");
    let patience: i64 = sqlx::query_scalar("PRAGMA busy_timeout")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    assert_eq!(patience, 5_000, "in the caller's own transaction");
    raw(&mut connection, SLOW).await;
    raw(&mut connection, "COMMIT").await;
    drop(connection);
    assert_eq!(world.rows().await[1], 1);
    world
        .assert_clean("after a transaction begun by raw SQL")
        .await;
    raw(&mut world.pool.acquire().await.unwrap(), SLOW).await;
}

#[tokio::test]
async fn reading_inside_a_transaction_begun_by_raw_sql() {
    inside(async |conn: &mut Connection| reads(conn).await.unwrap()).await;
}

#[tokio::test]
async fn limits_inside_a_transaction_begun_by_raw_sql() {
    inside(async |conn: &mut Connection| limited(conn).await.unwrap()).await;
}

#[tokio::test]
async fn limits_of_a_failure_inside_a_transaction_begun_by_raw_sql() {
    let fails = async |conn: &mut Connection| drop(limited_and_fails(conn).await.unwrap_err());
    inside(fails).await;
}
