//! What is SQLite's own: its types, and two files where others have two connections.

use diesel_async::pooled_connection::bb8;
use txkit::diesel_async::SqliteConnection;

pub(super) use txkit::diesel_async::{SqliteReadTx as ShopReadTx, SqliteTx as ShopTx};

use super::super::connect;
use crate::database::DatabaseError;
use crate::job::Setup;

pub(super) type Pool = bb8::Pool<SqliteConnection>;

/// Connections to each file: one writes, one reads or is next. More would only wait for the one writer inside SQLite,
/// where luck decides.
const CONNECTIONS: u32 = 2;

/// Readers do not wait for the writer, and a second writer waits a while for the first.
const READY: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL";

/// The pools of the shop and of its audit trail.
///
/// SQLite has one writer per file. An audit record that is to survive a rollback has to be written while the order's
/// transaction holds that one place, so the trail has a file of its own.
pub(super) async fn pools(setup: &Setup) -> Result<(Pool, Pool), DatabaseError> {
    let [shop, audit_trail] = setup.target.sqlite_files();
    Ok((
        connect::pool(&setup.target, shop, CONNECTIONS, READY).await?,
        connect::pool(&setup.target, audit_trail, CONNECTIONS, READY).await?,
    ))
}

/// Where an independent transaction beside `tx` begins: in the other file.
pub(super) fn apart<'a>(_tx: &'a mut ShopTx<'_>, audit_trail: &'a Pool) -> &'a Pool {
    audit_trail
}
