//! SQL through Diesel, as little of it as scripts need; knows no engine. The blocking form is derived from this.

use diesel::sql_types::Text;
use txkit::Tx;

use super::*;

pub type DriverError = diesel::result::Error;

pub async fn execute<A>(tx: &mut Tx<'_, Conn, A>, sql: &str) -> Result<(), DriverError> {
    let done = diesel::sql_query(sql.to_owned()).execute(tx).await;
    done.map(drop)
}

pub async fn rows<A>(tx: &mut Tx<'_, Conn, A>, sql: &str) -> Result<Vec<String>, DriverError> {
    diesel::dsl::sql::<Text>(sql).load(tx).await
}

/// The same on every connection of a pool at once.
pub async fn each(pool: &Pool, sql: &str) -> Result<Vec<Vec<String>>, String> {
    let mut all = Vec::new();
    for _ in 0..size_of(pool) {
        all.push(leased(pool).await.map_err(in_words)?);
    }
    let mut read = Vec::new();
    for conn in &mut all {
        let rows = diesel::dsl::sql::<Text>(sql).load(&mut **conn).await;
        read.push(rows.map_err(in_words)?);
    }
    Ok(read)
}

/// Runs a statement on one connection.
pub async fn meddle(pool: &Pool, sql: &str) -> Result<(), String> {
    let mut conn = leased(pool).await.map_err(in_words)?;
    conn.batch_execute(sql).await.map_err(in_words)
}
