//! The cases on MariaDB or MySQL through SQLx.

use txkit_tests::wire::{Protocol, Proxy};

pub type Db = txkit_tests::MySql;
pub type Driver = sqlx::MySql;
pub type Connection = sqlx::MySqlConnection;
pub type Options = sqlx::mysql::MySqlConnectOptions;
pub type Tx<'a> = txkit::sqlx::MySqlTx<'a>;
pub type ReadTx<'a> = txkit::sqlx::MySqlReadTx<'a>;
pub type Session<'a> = txkit::sqlx::MySqlSession<'a>;

/// Whether a second writer waits at BEGIN, so that two cannot be in the middle at once.
pub const ONE_WRITER: bool = false;
/// How a session reads that is in a transaction.
pub const IN_TRANSACTION: (&str, &str) = ("in_transaction", "1");
/// Part of what txkit begins with.
pub const BEGIN: &str = "START TRANSACTION";
/// Bounds the wait for a lock, for one who looks from outside.
pub const PATIENCE: &str = "SET innodb_lock_wait_timeout = 5, lock_wait_timeout = 5";
/// Takes about a second.
pub const SLOW: &str = "DO SLEEP(1)";
/// Takes longer than any test.
pub const ENDLESS: &str = "DO SLEEP(100)";
/// Changes row 1, slowly, in one statement.
pub const SLOW_UPDATE: &str = "UPDATE acc SET n = n + 1 + SLEEP(1) WHERE id = 1";
/// The code of a statement that took too long.
pub const STATEMENT_TIMEOUT: &str = "70100";
/// Who one is.
pub const ME: &str = "SELECT CAST(CONNECTION_ID() AS SIGNED)";

/// The way to the database through a proxy.
pub fn through(db: &Db, proxy: &Proxy) -> Options {
    use txkit_tests::TestDatabase as _;
    db.options().host("127.0.0.1").port(proxy.port())
}

/// A proxy before the server.
pub async fn proxy(db: &Db) -> Proxy {
    Proxy::start(db.address(), Protocol::MySql).await
}

/// Ends a session, as an administrator would.
pub fn kill(session: i64) -> String {
    format!("KILL {session}")
}

/// Counts the sessions of this number.
pub fn living(session: i64) -> String {
    format!("SELECT count(*) FROM information_schema.processlist WHERE id = {session}")
}

#[path = "../cases/cancelling.rs"]
mod cancelling;
#[path = "../cases/cancelling_on_the_wire.rs"]
mod cancelling_on_the_wire;
#[path = "../cases/deadlocks.rs"]
mod deadlocks;
#[path = "../cases/hooks.rs"]
mod hooks;
#[path = "../cases/losing.rs"]
mod losing;
#[path = "../cases/self_deadlock.rs"]
mod self_deadlock;
#[path = "../cases/sharing.rs"]
mod sharing;
#[path = "../cases/starving.rs"]
mod starving;
#[path = "../cases/timeouts.rs"]
mod timeouts;
#[path = "../cases/timeouts_on_the_wire.rs"]
mod timeouts_on_the_wire;
#[path = "../cases/traps.rs"]
mod traps;
#[path = "../cases/traps_on_the_wire.rs"]
mod traps_on_the_wire;
#[path = "../cases/traps_mysql.rs"]
mod traps_mysql;
#[path = "../cases/world.rs"]
mod world;
