//! What tests of all packages share: a database of their own on each engine, a look for leftovers, and a wire to listen on; knows nothing of txkit.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

pub mod conformance;
mod database;
mod mysql;
mod postgres;
mod sqlite;
pub mod wire;

pub use database::{Session, TestDatabase, changes};
pub use mysql::{MySql, VOLATILE as MYSQL_VOLATILE};
pub use postgres::Postgres;
pub use sqlite::{SETTINGS as SQLITE_SETTINGS, Sqlite};

/// The PostgreSQL server to test on, as a URL; its user must be allowed to create databases and to see all sessions.
pub fn postgres_url() -> String {
    from_environment("TXKIT_POSTGRES_URL")
}

/// The MariaDB or MySQL server to test on, as a URL; its user needs all privileges.
pub fn mysql_url() -> String {
    from_environment("TXKIT_MYSQL_URL")
}

fn from_environment(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("no server to test on: start the tests through `./tests/run`, or set `{variable}`")
    })
}
