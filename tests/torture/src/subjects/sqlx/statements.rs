//! SQL through SQLx, as little of it as scripts need; knows no engine.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::pool::PoolOptions;
use txkit::Tx;

use super::*;

pub type DriverError = sqlx::Error;

pub fn build(url: &str, size: u32) -> Pool {
    PoolOptions::new()
        .max_connections(size)
        .acquire_timeout(PATIENCE)
        .idle_timeout(Duration::from_secs(3600))
        .connect_lazy_with(options(url))
}

pub async fn execute<A>(tx: &mut Tx<'_, Conn, A>, sql: &str) -> Result<(), DriverError> {
    let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    query.execute(tx).await.map(drop)
}

pub async fn rows<A>(tx: &mut Tx<'_, Conn, A>, sql: &str) -> Result<Vec<String>, DriverError> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_all(tx)
        .await
}

/// The same on every connection of a pool at once.
pub async fn each(pool: &Pool, sql: &str) -> Result<Vec<Vec<String>>, String> {
    let mut all = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        all.push(pool.acquire().await.map_err(in_words)?);
    }
    let mut read = Vec::new();
    for conn in &mut all {
        let rows = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut **conn)
            .await;
        read.push(rows.map_err(in_words)?);
    }
    Ok(read)
}

/// Runs a statement on one connection.
pub async fn meddle(pool: &Pool, sql: &str) -> Result<(), String> {
    let mut conn = pool.acquire().await.map_err(in_words)?;
    let sent = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut *conn)
        .await;
    sent.map(drop).map_err(in_words)
}
