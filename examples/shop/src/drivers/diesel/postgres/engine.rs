//! What is PostgreSQL's own: its types.

use diesel::PgConnection;
use diesel::r2d2::{self, ConnectionManager};

pub(super) use txkit::diesel::{PgReadTx as ShopReadTx, PgTx as ShopTx};

use super::super::connect;
use crate::database::DatabaseError;
use crate::job::Setup;

pub(super) type Pool = r2d2::Pool<ConnectionManager<PgConnection>>;

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
