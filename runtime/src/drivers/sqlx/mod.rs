//! SQLx: handles for its three engines; knows no other driver.
//!
//! Every statement that goes through a handle is seen (`executor`); what the engines share is in `shared`, and each
//! engine's BEGIN, COMMIT, ROLLBACK and error codes are in a file of its own.

mod executor;
#[cfg(feature = "sqlx-mysql")]
mod mysql;
#[cfg(feature = "sqlx-postgres")]
mod postgres;
mod shared;
#[cfg(feature = "sqlx-sqlite")]
mod sqlite;
mod test_pool;

use sqlx_core::database::Database;
use sqlx_core::pool::{Pool, PoolConnection};

use crate::connection::Connection;
use crate::error::Error;
use crate::source::{Begin, Source, TakesConnection};
use crate::tx::Tx;

pub use test_pool::test_pool;

#[cfg(any(
    feature = "sqlx-mysql",
    feature = "sqlx-postgres",
    feature = "sqlx-sqlite"
))]
use crate::tx::{ReadTx, Session};

/// A transaction on PostgreSQL.
#[cfg(feature = "sqlx-postgres")]
pub type PgTx<'a> = Tx<'a, sqlx_postgres::PgConnection>;
/// A transaction on PostgreSQL that only reads.
#[cfg(feature = "sqlx-postgres")]
pub type PgReadTx<'a> = ReadTx<'a, sqlx_postgres::PgConnection>;
/// A connection to PostgreSQL that may be outside of any transaction.
#[cfg(feature = "sqlx-postgres")]
pub type PgSession<'a> = Session<'a, sqlx_postgres::PgConnection>;

/// A transaction on MySQL or MariaDB.
#[cfg(feature = "sqlx-mysql")]
pub type MySqlTx<'a> = Tx<'a, sqlx_mysql::MySqlConnection>;
/// A transaction on MySQL or MariaDB that only reads.
#[cfg(feature = "sqlx-mysql")]
pub type MySqlReadTx<'a> = ReadTx<'a, sqlx_mysql::MySqlConnection>;
/// A connection to MySQL or MariaDB that may be outside of any transaction.
#[cfg(feature = "sqlx-mysql")]
pub type MySqlSession<'a> = Session<'a, sqlx_mysql::MySqlConnection>;

/// A transaction on SQLite.
#[cfg(feature = "sqlx-sqlite")]
pub type SqliteTx<'a> = Tx<'a, sqlx_sqlite::SqliteConnection>;
/// A transaction on SQLite that only reads.
#[cfg(feature = "sqlx-sqlite")]
pub type SqliteReadTx<'a> = ReadTx<'a, sqlx_sqlite::SqliteConnection>;
/// A connection to SQLite that may be outside of any transaction.
#[cfg(feature = "sqlx-sqlite")]
pub type SqliteSession<'a> = Session<'a, sqlx_sqlite::SqliteConnection>;

#[diagnostic::do_not_recommend]
impl<DB> crate::source::Pool for Pool<DB>
where
    DB: Database,
    DB::Connection: Connection<Pool = Self>,
{
    type Conn = DB::Connection;

    fn shared(&self) -> Self {
        self.clone()
    }
}

/// The conflict that one of SQLx's errors is, by whichever engine it came from.
pub(super) fn conflict(
    error: &(dyn std::error::Error + 'static),
) -> Option<crate::conflict::Conflict> {
    let judges: &[fn(&(dyn std::error::Error + 'static)) -> Option<crate::conflict::Failure>] = &[
        #[cfg(feature = "sqlx-postgres")]
        <sqlx_postgres::PgConnection as Connection>::classify_dyn,
        #[cfg(feature = "sqlx-mysql")]
        <sqlx_mysql::MySqlConnection as Connection>::classify_dyn,
        #[cfg(feature = "sqlx-sqlite")]
        <sqlx_sqlite::SqliteConnection as Connection>::classify_dyn,
    ];
    judges.iter().find_map(|judge| judge(error)?.conflict)
}

/// A connection that was leased by hand.
#[diagnostic::do_not_recommend]
impl<'a, DB, B, P> Begin<Tx<'a, DB::Connection, B>, P> for &'a mut PoolConnection<DB>
where
    DB: Database,
    DB::Connection: Connection<Lease = PoolConnection<DB>>,
    P: TakesConnection,
{
    fn source(self) -> Source<'a, DB::Connection> {
        Source::OnLoan(self)
    }
}

/// The transaction's error, under a variant that nobody takes for transient; the first cause stays its `source()`.
impl From<Error> for sqlx_core::Error {
    fn from(error: Error) -> Self {
        Self::AnyDriverError(Box::new(error))
    }
}
