//! PostgreSQL, whatever the driver: the tables, what a conflict is there, and what ends a transaction.

use txkit::{Conflict, Tx};
use txkit_tests::wire::Protocol;

use super::*;

pub const PROTOCOL: Protocol = Protocol::Postgres;

pub const SCHEMA: &[&str] = &[
    "CREATE TABLE item (id BIGINT PRIMARY KEY)",
    "CREATE TABLE taken (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0)",
    "INSERT INTO taken (id) VALUES (1), (2)",
];

/// What running into an `Obstacle` is.
pub const CONFLICT: Conflict = Conflict::LockTimeout;

/// What BEGIN on the wire contains.
pub const BEGIN: &str = "BEGIN";

/// A constraint that is checked at COMMIT.
pub mod owed {
    pub const SCHEMA: &str = "CREATE TABLE seat (n INT UNIQUE DEFERRABLE INITIALLY DEFERRED)";
    pub const VIOLATION: &str = "INSERT INTO seat (n) VALUES (1), (1)";
    pub const CODE: &str = "23505";
}

/// What [`ruin`] is.
pub const RUIN: Option<Conflict> = None;

/// What a lent connection can be misused for: each ends the transaction that txkit began.
pub const RAW_ENDINGS: &[&str] = &[
    "COMMIT",
    "ROLLBACK",
    "COMMIT; BEGIN",
    "ROLLBACK; BEGIN",
    "COMMIT AND CHAIN",
    "ROLLBACK AND CHAIN",
];

/// A statement that outlasts every limit.
pub const FOR_EVER: &str = "SELECT count(pg_sleep(20))";

/// A statement that takes a while.
pub const SLOW: &str = "SELECT count(pg_sleep(0.3))";

/// Which session this is.
pub const SESSION_ID: &str = "SELECT pg_backend_pid()::bigint";

/// Ends a session.
pub fn killing(session: i64) -> String {
    format!("SELECT pg_terminate_backend({session})")
}

/// Has the server speak German, if it can.
pub fn german() -> Option<String> {
    let name = std::env::var("TXKIT_POSTGRES_GERMAN").ok();
    if name.is_none() {
        eprintln!("not run: this server speaks no German");
    }
    Some(format!("SET lc_messages = '{}'", name?))
}

/// Makes the engine give the transaction up: it refuses everything until a rollback.
pub async fn ruin<A>(tx: &mut Tx<'_, Conn, A>, _: &Stage) -> DriverError {
    let duplicate = execute(tx, "INSERT INTO taken (id) VALUES (1)").await;
    duplicate.expect_err("a duplicate")
}
