//! SQLite, whatever the driver: the tables, what a conflict is there, and what ends a transaction.

use txkit::{Conflict, Tx};

use super::*;

pub const SCHEMA: &[&str] = &[
    "CREATE TABLE item (id BIGINT PRIMARY KEY)",
    "CREATE TABLE taken (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0)",
    "INSERT INTO taken (id) VALUES (1), (2)",
];

/// What running into an `Obstacle` is.
pub const CONFLICT: Conflict = Conflict::Busy;

/// A constraint that is checked at COMMIT.
pub mod owed {
    pub const SCHEMA: &str = "CREATE TABLE debt (id INTEGER PRIMARY KEY, \
                              item BIGINT REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)";
    pub const VIOLATION: &str = "INSERT INTO debt (item) VALUES (999)";
    pub const CODE: &str = "787";
}

/// What [`ruin`] is.
pub const RUIN: Option<Conflict> = None;

/// What a lent connection can be misused for: each ends the transaction that txkit began.
pub const RAW_ENDINGS: &[&str] = &["COMMIT", "ROLLBACK", "COMMIT; BEGIN", "ROLLBACK; BEGIN"];

/// A statement that outlasts every limit.
pub const FOR_EVER: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL \
                            SELECT i + 1 FROM n WHERE i < 2000000000) SELECT count(*) FROM n";

/// A statement that takes a while.
pub const SLOW: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) \
                        SELECT count(*) FROM n";

/// Makes the engine give the transaction up: SQLite rolls it back whole.
pub async fn ruin<A>(tx: &mut Tx<'_, Conn, A>, _: &Stage) -> DriverError {
    let duplicate = execute(tx, "INSERT OR ROLLBACK INTO taken (id) VALUES (1)").await;
    duplicate.expect_err("a duplicate")
}
