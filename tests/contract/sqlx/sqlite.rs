//! SQLx on SQLite: its types, its SQL, and the cases only it can show.

use txkit::{Conflict, Tx};

use crate::tools::*;
use txkit::{read_only, retry_on_conflict, serializable, transactional};

#[path = "helpers.rs"]
mod helpers;
#[path = "sqlite_tools.rs"]
mod sqlite_tools;
#[path = "stage.rs"]
mod stage;

use helpers::*;
use sqlite_tools::{Obstacle, Tally};
use stage::*;
use txkit::sqlx::{SqliteReadTx as DbReadTx, SqliteSession as DbSession, SqliteTx as DbTx};
use txkit_tests::{Sqlite as Db, TestDatabase as _};

type Conn = sqlx::SqliteConnection;
type Pool = sqlx::SqlitePool;

const SCHEMA: &[&str] = &[
    "CREATE TABLE item (id BIGINT PRIMARY KEY)",
    "CREATE TABLE taken (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0)",
    "INSERT INTO taken (id) VALUES (1), (2)",
];

/// What running into an [`Obstacle`] is.
const CONFLICT: Conflict = Conflict::Busy;

/// A constraint that is checked at COMMIT.
mod owed {
    pub const SCHEMA: &str = "CREATE TABLE debt (id INTEGER PRIMARY KEY, \
                              item BIGINT REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)";
    pub const VIOLATION: &str = "INSERT INTO debt (item) VALUES (999)";
    pub const CODE: &str = "787";
}

/// What [`ruin`] is.
const RUIN: Option<Conflict> = None;

/// What a lent connection can be misused for: each ends the transaction that txkit began.
const RAW_ENDINGS: &[&str] = &["COMMIT", "ROLLBACK", "COMMIT; BEGIN", "ROLLBACK; BEGIN"];

/// The cases that cannot be shown here, and why.
pub const NOT_APPLICABLE: &[(&str, &str)] = &[
    (
        "c05",
        "an embedded database has no wire that a ROLLBACK could be lost on",
    ),
    (
        "c53",
        "no statement is refused with another error's code once the transaction is over",
    ),
    (
        "c56",
        "an embedded database has no wire that an answer could be lost on",
    ),
];

/// Makes the engine give the transaction up: SQLite rolls it back whole.
async fn ruin<A>(tx: &mut Tx<'_, Conn, A>, _: &Stage) -> DriverError {
    let duplicate = execute(tx, "INSERT OR ROLLBACK INTO taken (id) VALUES (1)").await;
    duplicate.expect_err("a duplicate")
}

cases!();
#[path = "../cases/deferred.rs"]
mod deferred;

#[path = "../only/sqlite.rs"]
mod only;
