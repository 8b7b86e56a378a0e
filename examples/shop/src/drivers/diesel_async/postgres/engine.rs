//! What is PostgreSQL's own: its types.

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::bb8;

pub(super) use txkit::diesel_async::{PgReadTx as ShopReadTx, PgTx as ShopTx};

use super::super::connect;
use crate::database::DatabaseError;
use crate::job::Setup;

pub(super) type Pool = bb8::Pool<AsyncPgConnection>;

/// One pool, for the shop and its audit trail.
pub(super) async fn pools(setup: &Setup) -> Result<(Pool, Pool), DatabaseError> {
    let url = setup.target.secret_url().to_owned();
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
