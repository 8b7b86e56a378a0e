//! What is MariaDB's and MySQL's own: their types.

use diesel_async::AsyncMysqlConnection;
use diesel_async::pooled_connection::bb8;

pub(super) use txkit::diesel_async::{MysqlReadTx as ShopReadTx, MysqlTx as ShopTx};

use super::super::connect;
use crate::database::DatabaseError;
use crate::job::Setup;

pub(super) type Pool = bb8::Pool<AsyncMysqlConnection>;

/// One pool, for the shop and its audit trail.
pub(super) async fn pools(setup: &Setup) -> Result<(Pool, Pool), DatabaseError> {
    // Diesel knows one name for both
    let url = setup.target.secret_url().replacen("mariadb:", "mysql:", 1);
    let pool: Pool = connect::pool(&setup.target, url, setup.connections(), "").await?;
    Ok((pool.clone(), pool))
}

/// Where an independent transaction beside `tx` begins: on another connection of its pool.
pub(super) fn apart<'a, 'tx>(
    tx: &'a mut ShopTx<'tx>,
    _audit_trail: &'a Pool,
) -> &'a mut ShopTx<'tx> {
    tx
}
