//! The nine adapters, each with the same annotated functions over its own types; knows no trial.
#![allow(
    clippy::duplicate_mod,
    reason = "each adapter loads the functions for itself, with its own types"
)]

#[macro_use]
mod awaited;
#[macro_use]
mod blocking;

use std::fmt::Display;
use std::time::Duration;

use crate::subject::Subject;

/// What every adapter's module starts from.
mod prelude {
    pub use std::sync::Arc;

    pub(crate) use super::{PATIENCE, SQLITE, in_words};
    pub use crate::script::{Gate, Level, Script, Seen, Shape, Step, Tally};
    pub use crate::subject::{Boxed, Client, Driver, Engine, Subject, Told};
}

/// How long a pool lets its callers wait.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What Diesel's connections to SQLite are told first: SQLx does it by itself.
pub(crate) const SQLITE: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;";

/// A module in its blocking form, as `build.rs` has derived it from the file of this name.
macro_rules! derived {
    ($($module:ident = $file:literal),+ $(,)?) => {
        $(
            #[allow(
                unused_parens,
                unused_braces,
                clippy::all,
                reason = "it was an asynchronous text, where this makes sense"
            )]
            mod $module {
                include!(concat!(env!("OUT_DIR"), "/common/", $file, ".rs"));
            }
        )+
    };
}

#[path = "diesel_async/mysql.rs"]
mod diesel_async_mysql;
#[path = "diesel_async/postgres.rs"]
mod diesel_async_postgres;
#[path = "diesel_async/sqlite.rs"]
mod diesel_async_sqlite;
#[path = "diesel/mysql.rs"]
mod diesel_mysql;
#[path = "diesel/postgres.rs"]
mod diesel_postgres;
#[path = "diesel/sqlite.rs"]
mod diesel_sqlite;
#[path = "sqlx/mysql.rs"]
mod sqlx_mysql;
#[path = "sqlx/postgres.rs"]
mod sqlx_postgres;
#[path = "sqlx/sqlite.rs"]
mod sqlx_sqlite;

/// All of them.
pub static ALL: [&dyn Subject; 9] = [
    &sqlx_sqlite::Adapter,
    &sqlx_postgres::Adapter,
    &sqlx_mysql::Adapter,
    &diesel_async_sqlite::Adapter,
    &diesel_async_postgres::Adapter,
    &diesel_async_mysql::Adapter,
    &diesel_sqlite::Adapter,
    &diesel_postgres::Adapter,
    &diesel_mysql::Adapter,
];

pub(crate) fn in_words(error: impl Display) -> String {
    error.to_string()
}
