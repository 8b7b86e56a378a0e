//! What is PostgreSQL's own: its types, and how it numbers arguments.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

pub(super) use sqlx::PgPool as Pool;
pub(super) use txkit::sqlx::{PgReadTx as ShopReadTx, PgTx as ShopTx};

use super::super::connect;
use crate::database::DatabaseError;
use crate::job::Setup;

/// One pool, for the shop and its audit trail.
pub(super) async fn pools(setup: &Setup) -> Result<(Pool, Pool), DatabaseError> {
    let options = PgConnectOptions::from_str(setup.target.secret_url())
        .map_err(|error| setup.target.unreachable(error))?;
    let pool: Pool = connect::pool(&setup.target, options, setup.connections()).await?;
    Ok((pool.clone(), pool))
}

/// Where an independent transaction beside `tx` begins: on another connection of its pool.
pub(super) fn apart<'a, 'tx>(
    tx: &'a mut ShopTx<'tx>,
    _audit_trail: &'a Pool,
) -> &'a mut ShopTx<'tx> {
    tx
}

/// A statement with `?` for its arguments, which PostgreSQL calls `$1`, `$2`.
pub(super) fn sql(text: &'static str) -> SqlStr {
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
        assert_eq!(sql("a = ? AND b = ?").as_str(), "a = $1 AND b = $2");
        assert_eq!(sql("SELECT 1").as_str(), "SELECT 1");
    }
}
