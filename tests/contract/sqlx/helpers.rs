//! SQL through SQLx, as little of it as the cases need; knows no engine.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{AssertSqlSafe, Connection as _};
use txkit::Tx;
use txkit_tests::TestDatabase;

use super::{Conn, Db, Pool};

pub type DriverError = sqlx::Error;

/// A transaction that the driver began: it is the connection, and commits or rolls back.
type DriverTransaction<'c> = sqlx::Transaction<'c, <Db as TestDatabase>::Driver>;

/// Runs a statement through a handle, prepared, as most programs do.
pub async fn execute<A>(tx: &mut Tx<'_, Conn, A>, sql: &str) -> Result<u64, DriverError> {
    let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    Ok(query.execute(tx).await?.rows_affected())
}

/// Runs statements through a handle as one message.
pub async fn send<A>(tx: &mut Tx<'_, Conn, A>, sql: &str) -> Result<(), DriverError> {
    let sent = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(tx);
    sent.await.map(drop)
}

/// Reads one number through a handle.
pub async fn number<A>(tx: &mut Tx<'_, Conn, A>, sql: &str) -> Result<i64, DriverError> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_one(tx)
        .await
}

/// Stores an item.
pub async fn insert<A>(tx: &mut Tx<'_, Conn, A>, id: i64) -> Result<(), DriverError> {
    let sql = format!("INSERT INTO item (id) VALUES ({id})");
    execute(tx, &sql).await.map(drop)
}

/// Stores the number of the attempt as an item.
pub async fn insert_attempt<A>(tx: &mut Tx<'_, Conn, A>) -> Result<(), DriverError> {
    let attempt = tx.attempt();
    insert(tx, attempt.into()).await
}

/// The items as the transaction sees them.
pub async fn items<A>(tx: &mut Tx<'_, Conn, A>) -> Result<Vec<i64>, DriverError> {
    sqlx::query_scalar("SELECT id FROM item ORDER BY id")
        .fetch_all(tx)
        .await
}

/// Runs statements on the driver's own connection, as one message.
pub async fn raw(conn: &mut Conn, sql: &str) -> Result<(), DriverError> {
    let sent = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(conn);
    sent.await.map(drop)
}

/// Stores an item on the driver's own connection.
pub async fn raw_insert(conn: &mut Conn, id: i64) -> Result<(), DriverError> {
    raw(conn, &format!("INSERT INTO item (id) VALUES ({id})")).await
}

/// Reads one number on the driver's own connection.
pub async fn raw_number(conn: &mut Conn, sql: &str) -> Result<i64, DriverError> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_one(conn)
        .await
}

/// The items as a pool's next borrower sees them.
pub async fn pool_items(pool: &Pool) -> Vec<i64> {
    sqlx::query_scalar("SELECT id FROM item ORDER BY id")
        .fetch_all(pool)
        .await
        .expect("read the items")
}

/// Begins a transaction as code does that knows nothing of txkit.
pub async fn begin_by_driver(conn: &mut Conn) -> DriverTransaction<'_> {
    conn.begin().await.expect("begin by the driver")
}

/// Stores an item in a transaction of the driver's own.
pub async fn insert_by_driver(conn: &mut Conn, id: i64, commit: bool) -> Result<(), DriverError> {
    let mut own = conn.begin().await?;
    raw_insert(&mut own, id).await?;
    if commit {
        own.commit().await
    } else {
        own.rollback().await
    }
}

/// A pool that does not wait long for a connection.
pub fn impatient_pool(db: &Db, size: u32) -> Pool {
    PoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(2))
        .connect_lazy_with(db.options())
}

/// A pool that lends nothing any more.
pub struct Closed(#[expect(dead_code, reason = "held, not read")] Pool);

/// Closes a pool, once all its connections are back.
pub async fn close(pool: &Pool) -> Closed {
    pool.close().await;
    Closed(pool.clone())
}

/// Goes beyond its function's `timeout`, of which a statement must tell.
pub async fn outlast<A>(tx: &mut Tx<'_, Conn, A>) -> Result<(), super::AppError> {
    crate::tools::awaited::sleep(Duration::from_millis(600)).await;
    execute(tx, "SELECT 1").await?;
    Ok(())
}

/// Ends a test pool and its transaction.
pub async fn close_test_pool(pool: Pool) {
    pool.close().await;
}

/// A pool for code that holds one, in a test.
pub async fn test_pool(stage: &super::Stage) -> Pool {
    let pool = txkit::sqlx::test_pool(&stage.pool).await;
    pool.expect("a test pool")
}

/// An error that did not come from a database.
pub fn some_driver_error() -> DriverError {
    DriverError::RowNotFound
}

pub fn is_some_driver_error(error: &DriverError) -> bool {
    matches!(error, DriverError::RowNotFound)
}

pub fn is_pool_closed(error: &DriverError) -> bool {
    matches!(error, DriverError::PoolClosed)
}

pub fn is_pool_timeout(error: &DriverError) -> bool {
    matches!(error, DriverError::PoolTimedOut)
}

pub fn is_connection_loss(error: &DriverError) -> bool {
    matches!(error, DriverError::Io(_))
}

pub fn is_from_database(error: &DriverError) -> bool {
    error.as_database_error().is_some()
}

pub fn is_duplicate(error: &DriverError) -> bool {
    let database = error.as_database_error();
    database.is_some_and(|error| error.is_unique_violation())
}

/// Whether code that retries on its own would take it for something that passes.
pub fn looks_transient(error: &DriverError) -> bool {
    is_connection_loss(error) || is_pool_timeout(error) || is_from_database(error)
}
