//! SQLx on SQLite.

use super::awaited::*;

#[path = "../common/fussy.rs"]
mod fussy;
#[path = "../common/services.rs"]
mod services;
#[path = "statements.rs"]
mod statements;

use fussy::fussy;
use services::{AppError, outermost, play};
use statements::{DriverError, build, each, execute, meddle, rows};
use txkit::sqlx::{SqliteReadTx as DbReadTx, SqliteTx as DbTx};

type Conn = sqlx::SqliteConnection;
type Pool = sqlx::SqlitePool;

/// Where a file is.
fn options(url: &str) -> sqlx::sqlite::SqliteConnectOptions {
    sqlx::sqlite::SqliteConnectOptions::new()
        .filename(url)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
}

subject!(Sqlx, Sqlite);
