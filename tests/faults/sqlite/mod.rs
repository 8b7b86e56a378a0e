//! The cases on SQLite through SQLx.

pub type Db = txkit_tests::Sqlite;
pub type Driver = sqlx::Sqlite;
pub type Connection = sqlx::SqliteConnection;
pub type Options = sqlx::sqlite::SqliteConnectOptions;
pub type Tx<'a> = txkit::sqlx::SqliteTx<'a>;
pub type ReadTx<'a> = txkit::sqlx::SqliteReadTx<'a>;
pub type Wire = ();
pub type Session<'a> = txkit::sqlx::SqliteSession<'a>;

/// Whether a second writer waits at BEGIN, so that two cannot be in the middle at once.
pub const ONE_WRITER: bool = true;
/// Bounds the wait for a lock, for one who looks from outside.
pub const PATIENCE: &str = "PRAGMA busy_timeout = 5000";
/// Enough work for a limit that was left behind to strike.
pub const WORKOUT: &str = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 10000) SELECT max(x) FROM c";
/// Takes about a second.
pub const SLOW: &str = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 3000000) SELECT max(x) FROM c";
/// Takes longer than any test.
pub const ENDLESS: &str =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c";
/// Changes row 1, slowly, in one statement.
pub const SLOW_UPDATE: &str = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 3000000) UPDATE acc SET n = n + (SELECT max(x) FROM c) / 3000000 WHERE id = 1";
/// The code of a statement that took too long.
pub const STATEMENT_TIMEOUT: &str = "9";

/// There is no wire: whether a command is an await point depends on how quick its thread is.
pub async fn wire(db: &Db) -> (Option<Wire>, Options) {
    use txkit_tests::TestDatabase as _;
    (None, db.options())
}

/// There are no sessions to kill: cancellation is all that goes wrong.
pub async fn kill_someone(_outsider: &mut Connection) {}

#[path = "../cases/borrowing.rs"]
mod borrowing;
#[path = "../cases/cancelling.rs"]
mod cancelling;
#[path = "../cases/chaos.rs"]
mod chaos;
#[path = "../cases/checks.rs"]
mod checks;
#[path = "../cases/drop_in.rs"]
mod drop_in;
#[path = "../cases/dropping.rs"]
mod dropping;
#[path = "../cases/ended_sqlite.rs"]
mod ended_sqlite;
#[path = "../cases/foreign.rs"]
mod foreign;
#[path = "../cases/foreign_settings_sqlite.rs"]
mod foreign_settings_sqlite;
#[path = "../cases/hooks.rs"]
mod hooks;
#[path = "../cases/lending.rs"]
mod lending;
#[path = "../cases/limits.rs"]
mod limits;
#[path = "../cases/losing_sqlite.rs"]
mod losing_sqlite;
#[path = "../cases/partly.rs"]
mod partly;
#[path = "../cases/probing_sqlite.rs"]
mod probing_sqlite;
#[path = "../cases/sharing.rs"]
mod sharing;
#[path = "../cases/shutdown.rs"]
mod shutdown;
#[path = "../cases/starving.rs"]
mod starving;
#[path = "../cases/starving_sqlite.rs"]
mod starving_sqlite;
#[path = "../cases/test_pools.rs"]
mod test_pools;
#[path = "../cases/timeouts.rs"]
mod timeouts;
#[path = "../cases/traps.rs"]
mod traps;
#[path = "../cases/traps_sqlite.rs"]
mod traps_sqlite;
#[path = "../cases/world.rs"]
mod world;
