//! What is SQLite's own: its types, and two files where others have two connections.

use std::path::PathBuf;
use std::str::FromStr;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

pub(super) use sqlx::SqlitePool as Pool;
pub(super) use txkit::sqlx::{SqliteReadTx as ShopReadTx, SqliteTx as ShopTx};

use super::super::connect;
use crate::database::DatabaseError;
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
        .map_err(|error| connect::unreachable(&setup.target, error))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let audit_trail = options
        .clone()
        .filename(beside(options.get_filename().into()));
    let shop = connect::pool(&setup.target, options, CONNECTIONS).await?;
    Ok((
        shop,
        connect::pool(&setup.target, audit_trail, CONNECTIONS).await?,
    ))
}

/// `shop.db` has its trail in `shop-audit.db`.
fn beside(mut file: PathBuf) -> PathBuf {
    let stem = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let extension = file
        .extension()
        .map(|extension| format!(".{}", extension.to_string_lossy()));
    file.set_file_name(format!("{stem}-audit{}", extension.unwrap_or_default()));
    file
}

/// Where an independent transaction beside `tx` begins: in the other file.
pub(super) fn apart<'a>(_tx: &'a mut ShopTx<'_>, audit_trail: &'a Pool) -> &'a Pool {
    audit_trail
}

/// A statement with `?` for its arguments. Nothing is spliced in but the names of tables.
pub(super) fn sql(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}
