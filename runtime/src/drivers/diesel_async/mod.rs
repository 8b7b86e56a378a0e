//! diesel-async: handles for its three engines; knows no other driver than Diesel, on which it stands.
//!
//! Every statement that goes through a handle is seen (`connection`). What is said to each engine is in `diesel_core`, which
//! blocking Diesel shares; here are the lines that carry it, and what becomes of futures that are dropped.
//!
//! Pools are bb8's and deadpool's (features `bb8` and `deadpool`). mobc's are not offered: diesel-async's adapter for it keeps
//! the connections that are broken and closes the others, so that a cancelled transaction would be lent out again.

mod connection;
#[cfg(feature = "diesel-async-mysql")]
mod mysql;
mod pool;
#[cfg(feature = "diesel-async-postgres")]
mod postgres;
#[cfg(any(
    feature = "diesel-async-mysql",
    feature = "diesel-async-postgres",
    feature = "diesel-async-sqlite"
))]
mod save;
#[cfg(feature = "diesel-async-sqlite")]
mod sqlite;

#[cfg(any(
    feature = "diesel-async-mysql",
    feature = "diesel-async-postgres",
    feature = "diesel-async-sqlite"
))]
use crate::tx::{ReadTx, Session, Tx};

/// A transaction on PostgreSQL.
#[cfg(feature = "diesel-async-postgres")]
pub type PgTx<'a> = Tx<'a, diesel_async::AsyncPgConnection>;
/// A transaction on PostgreSQL that only reads.
#[cfg(feature = "diesel-async-postgres")]
pub type PgReadTx<'a> = ReadTx<'a, diesel_async::AsyncPgConnection>;
/// A connection to PostgreSQL that may be outside of any transaction.
#[cfg(feature = "diesel-async-postgres")]
pub type PgSession<'a> = Session<'a, diesel_async::AsyncPgConnection>;

/// A transaction on MySQL or MariaDB.
#[cfg(feature = "diesel-async-mysql")]
pub type MysqlTx<'a> = Tx<'a, diesel_async::AsyncMysqlConnection>;
/// A transaction on MySQL or MariaDB that only reads.
#[cfg(feature = "diesel-async-mysql")]
pub type MysqlReadTx<'a> = ReadTx<'a, diesel_async::AsyncMysqlConnection>;
/// A connection to MySQL or MariaDB that may be outside of any transaction.
#[cfg(feature = "diesel-async-mysql")]
pub type MysqlSession<'a> = Session<'a, diesel_async::AsyncMysqlConnection>;

/// diesel-async's connection to SQLite: a blocking one, used on Tokio's threads for blocking calls.
#[cfg(feature = "diesel-async-sqlite")]
pub type SqliteConnection =
    diesel_async::sync_connection_wrapper::SyncConnectionWrapper<diesel::SqliteConnection>;
/// A transaction on SQLite.
#[cfg(feature = "diesel-async-sqlite")]
pub type SqliteTx<'a> = Tx<'a, SqliteConnection>;
/// A transaction on SQLite that only reads.
#[cfg(feature = "diesel-async-sqlite")]
pub type SqliteReadTx<'a> = ReadTx<'a, SqliteConnection>;
/// A connection to SQLite that may be outside of any transaction.
#[cfg(feature = "diesel-async-sqlite")]
pub type SqliteSession<'a> = Session<'a, SqliteConnection>;
