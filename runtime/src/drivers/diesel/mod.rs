//! Blocking Diesel: handles for its three engines; knows no other driver.
//!
//! Every statement that goes through a handle is seen (`connection`). What is said to each engine is in `diesel_core`, which
//! diesel-async shares; here are the blocking lines that carry it.

mod connection;
#[cfg(feature = "diesel-mysql")]
mod mysql;
mod pool;
#[cfg(feature = "diesel-postgres")]
mod postgres;
#[cfg(feature = "diesel-sqlite")]
mod sqlite;

#[cfg(any(
    feature = "diesel-mysql",
    feature = "diesel-postgres",
    feature = "diesel-sqlite"
))]
use crate::tx::{ReadTx, Session, Tx};

/// A transaction on PostgreSQL.
#[cfg(feature = "diesel-postgres")]
pub type PgTx<'a> = Tx<'a, diesel::PgConnection>;
/// A transaction on PostgreSQL that only reads.
#[cfg(feature = "diesel-postgres")]
pub type PgReadTx<'a> = ReadTx<'a, diesel::PgConnection>;
/// A connection to PostgreSQL that may be outside of any transaction.
#[cfg(feature = "diesel-postgres")]
pub type PgSession<'a> = Session<'a, diesel::PgConnection>;

/// A transaction on MySQL or MariaDB.
#[cfg(feature = "diesel-mysql")]
pub type MysqlTx<'a> = Tx<'a, diesel::MysqlConnection>;
/// A transaction on MySQL or MariaDB that only reads.
#[cfg(feature = "diesel-mysql")]
pub type MysqlReadTx<'a> = ReadTx<'a, diesel::MysqlConnection>;
/// A connection to MySQL or MariaDB that may be outside of any transaction.
#[cfg(feature = "diesel-mysql")]
pub type MysqlSession<'a> = Session<'a, diesel::MysqlConnection>;

/// A transaction on SQLite.
#[cfg(feature = "diesel-sqlite")]
pub type SqliteTx<'a> = Tx<'a, diesel::SqliteConnection>;
/// A transaction on SQLite that only reads.
#[cfg(feature = "diesel-sqlite")]
pub type SqliteReadTx<'a> = ReadTx<'a, diesel::SqliteConnection>;
/// A connection to SQLite that may be outside of any transaction.
#[cfg(feature = "diesel-sqlite")]
pub type SqliteSession<'a> = Session<'a, diesel::SqliteConnection>;
