//! What is MariaDB's and MySQL's own: their types.

use std::str::FromStr;

use sqlx::mysql::MySqlConnectOptions;

pub(super) use sqlx::MySqlPool as Pool;
pub(super) use txkit::sqlx::{MySqlReadTx as ShopReadTx, MySqlTx as ShopTx};

use super::super::connect;
use crate::database::DatabaseError;
use crate::job::Setup;

/// One pool, for the shop and its audit trail.
pub(super) async fn pools(setup: &Setup) -> Result<(Pool, Pool), DatabaseError> {
    // SQLx knows one name for both
    let url = setup.target.secret_url().replacen("mariadb:", "mysql:", 1);
    let options =
        MySqlConnectOptions::from_str(&url).map_err(|error| setup.target.unreachable(error))?;
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

/// A statement with `?` for its arguments.
pub(super) fn sql(text: &'static str) -> &'static str {
    text
}
