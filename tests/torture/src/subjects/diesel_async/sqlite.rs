//! diesel-async on SQLite, from bb8's pools.

use diesel_async::{AsyncConnection as _, RunQueryDsl as _, SimpleAsyncConnection as _};

use super::awaited::*;

#[path = "../common/fussy_without_interrupts.rs"]
mod fussy;
#[path = "pools.rs"]
mod pools;
#[path = "../common/services.rs"]
mod services;
#[path = "../common/diesels.rs"]
mod statements;

use fussy::fussy;
use pools::{Pool, build, leased, size_of};
use services::{AppError, outermost, play};
use statements::{DriverError, each, execute, meddle, rows};
use txkit::diesel_async::{SqliteReadTx as DbReadTx, SqliteTx as DbTx};

type Conn = txkit::diesel_async::SqliteConnection;

/// What each connection is told first.
const SETUP: &str = SQLITE;

subject!(DieselAsync, Sqlite);
