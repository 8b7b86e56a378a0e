//! What is SQLite's own: its types, and two files where others have two connections.

use std::str::FromStr;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

pub(super) use sqlx::SqlitePool as Pool;
pub(super) use txkit::sqlx::{SqliteReadTx as ShopReadTx, SqliteTx as ShopTx};

use super::super::connect;
use crate::database::{DatabaseError, audit_file};
use crate::job::Setup;

/// Connections to each file: one writes, one reads or is next. More would only wait for the one writer inside SQLite,
/// where luck decides; the pool keeps the order in which they came.
const CONNECTIONS: u32 = 2;

/// The pools of the shop and of its audit trail.
///
/// SQLite has one writer per file. An audit record that is to survive a rollback has to be written while the order's
/// transaction holds that one place, so the trail has a file of its own.
pub(super) async fn pools(setup: &Setup) -> Result<(Pool, Pool), DatabaseError> {
    let options = SqliteConnectOptions::from_str(setup.target.secret_url())
        .map_err(|error| setup.target.unreachable(error))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let audit_trail = options.clone().filename(audit_file(options.get_filename()));
    let shop = connect::pool(&setup.target, options, CONNECTIONS).await?;
    Ok((
        shop,
        connect::pool(&setup.target, audit_trail, CONNECTIONS).await?,
    ))
}

/// Where an independent transaction beside `tx` begins: in the other file.
pub(super) fn apart<'a>(_tx: &'a mut ShopTx<'_>, audit_trail: &'a Pool) -> &'a Pool {
    audit_trail
}

/// A statement with `?` for its arguments.
pub(super) fn sql(text: &'static str) -> &'static str {
    text
}
