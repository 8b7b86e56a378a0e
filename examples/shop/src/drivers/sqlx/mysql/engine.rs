//! What is MariaDB's and MySQL's own: their types.

use std::str::FromStr;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

pub(super) use sqlx::MySqlPool as Pool;
pub(super) use txkit::sqlx::{MySqlReadTx as ShopReadTx, MySqlTx as ShopTx};

use super::super::connect;
use crate::database::DatabaseError;
use crate::job::Setup;

/// Servers allow 151 connections unless told otherwise, and others want some too.
const MOST_CONNECTIONS: u32 = 80;

/// One pool, for the shop and its audit trail: two connections for each worker. With fewer, workers wait their turn;
/// they never wait for each other in a circle.
pub(super) async fn pools(setup: &Setup) -> Result<(Pool, Pool), DatabaseError> {
    // SQLx knows one name for both
    let url = setup.target.secret_url().replacen("mariadb:", "mysql:", 1);
    let options = MySqlConnectOptions::from_str(&url)
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

/// A statement with `?` for its arguments. Nothing is spliced in but the names of tables.
pub(super) fn sql(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}
