//! What is PostgreSQL's own: its types, and how it numbers arguments.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

pub(super) use sqlx::PgPool as Pool;
pub(super) use txkit::sqlx::{PgReadTx as ShopReadTx, PgTx as ShopTx};

use super::super::connect;
use crate::database::DatabaseError;
use crate::job::Setup;

/// Servers allow 100 connections unless told otherwise.
const MOST_CONNECTIONS: u32 = 80;

/// One pool, for the shop and its audit trail: two connections for each worker. With fewer, workers wait their turn;
/// they never wait for each other in a circle.
pub(super) async fn pools(setup: &Setup) -> Result<(Pool, Pool), DatabaseError> {
    let options = PgConnectOptions::from_str(setup.target.secret_url())
        .map_err(|error| connect::unreachable(&setup.target, error))?;
    let size = MOST_CONNECTIONS.min(setup.workers * 2);
    let pool: Pool = connect::pool(&setup.target, options, size).await?;
    Ok((pool.clone(), pool))
}

/// Where an independent transaction beside `tx` begins: on another connection of its pool.
pub(super) fn apart<'a, 'tx>(
    tx: &'a mut ShopTx<'tx>,
    _audit_trail: &'a Pool,
) -> &'a mut ShopTx<'tx> {
    tx
}

/// A statement with `?` for its arguments, which PostgreSQL calls `$1`, `$2`. Nothing is spliced in but the names of
/// tables.
pub(super) fn sql(text: String) -> SqlStr {
    let mut parts = text.split('?');
    let first = parts.next().unwrap_or_default().to_owned();
    let numbered = (1..).zip(parts).fold(first, |text, (number, part)| {
        format!("{text}${number}{part}")
    });
    AssertSqlSafe(numbered).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_numbered() {
        assert_eq!(
            sql("a = ? AND b = ?".to_owned()).as_str(),
            "a = $1 AND b = $2"
        );
        assert_eq!(sql("SELECT 1".to_owned()).as_str(), "SELECT 1");
    }
}
