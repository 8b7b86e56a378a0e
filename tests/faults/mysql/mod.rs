//! The cases on MariaDB or MySQL through SQLx.

use txkit_tests::wire::{Protocol, Proxy};

pub type Db = txkit_tests::MySql;
pub type Driver = sqlx::MySql;
pub type Connection = sqlx::MySqlConnection;
pub type Options = sqlx::mysql::MySqlConnectOptions;
pub type Tx<'a> = txkit::sqlx::MySqlTx<'a>;
pub type ReadTx<'a> = txkit::sqlx::MySqlReadTx<'a>;
pub type Wire = Proxy;
pub type Session<'a> = txkit::sqlx::MySqlSession<'a>;

/// Whether a second writer waits at BEGIN, so that two cannot be in the middle at once.
pub const ONE_WRITER: bool = false;
/// How a session reads that is in a transaction.
pub const IN_TRANSACTION: (&str, &str) = ("in_transaction", "1");
/// Part of what txkit begins with.
pub const BEGIN: &str = "START TRANSACTION";
/// Bounds the wait for a lock, for one who looks from outside.
pub const PATIENCE: &str = "SET innodb_lock_wait_timeout = 5, lock_wait_timeout = 5";
/// Enough work for a limit that was left behind to strike.
pub const WORKOUT: &str = "SELECT 1";
/// Takes about a second.
pub const SLOW: &str = "SELECT SLEEP(1)";
/// Takes longer than any test.
pub const ENDLESS: &str = "SELECT SLEEP(100)";
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

/// Every round trip takes its time: the proxy's task must run before an answer comes. So each is an await point.
pub async fn wire(db: &Db) -> (Option<Wire>, Options) {
    let proxy = proxy(db).await;
    let options = through(db, &proxy);
    (Some(proxy), options)
}

/// Ends a session, as an administrator would.
pub fn kill(session: i64) -> String {
    format!("KILL {session}")
}

/// Counts the sessions of this number.
pub fn living(session: i64) -> String {
    format!("SELECT count(*) FROM information_schema.processlist WHERE id = {session}")
}

/// Kills any one session of the database.
pub async fn kill_someone(outsider: &mut Connection) {
    let someone = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist \
        WHERE db = DATABASE() AND id <> CONNECTION_ID() ORDER BY RAND() LIMIT 1";
    let someone = sqlx::query_scalar(someone)
        .fetch_optional(&mut *outsider)
        .await;
    if let Some(session) = someone.expect("look for a session") {
        // It may be gone by now.
        let _ = sqlx::raw_sql(sqlx::AssertSqlSafe(kill(session)))
            .execute(outsider)
            .await;
    }
}

#[path = "../cases/borrowing.rs"]
mod borrowing;
#[path = "../cases/cancelling.rs"]
mod cancelling;
#[path = "../cases/cancelling_on_the_wire.rs"]
mod cancelling_on_the_wire;
#[path = "../cases/chaos.rs"]
mod chaos;
#[path = "../cases/checks.rs"]
mod checks;
#[path = "../cases/deadlocks.rs"]
mod deadlocks;
#[path = "../cases/dropping.rs"]
mod dropping;
#[path = "../cases/foreign.rs"]
mod foreign;
#[path = "../cases/hooks.rs"]
mod hooks;
#[path = "../cases/lending.rs"]
mod lending;
#[path = "../cases/limits.rs"]
mod limits;
#[path = "../cases/losing.rs"]
mod losing;
#[path = "../cases/marks.rs"]
mod marks;
#[path = "../cases/partly.rs"]
mod partly;
#[path = "../cases/partly_mysql.rs"]
mod partly_mysql;
#[path = "../cases/partly_on_the_wire.rs"]
mod partly_on_the_wire;
#[path = "../cases/self_deadlock.rs"]
mod self_deadlock;
#[path = "../cases/sharing.rs"]
mod sharing;
#[path = "../cases/shutdown.rs"]
mod shutdown;
#[path = "../cases/starving.rs"]
mod starving;
#[path = "../cases/test_pools.rs"]
mod test_pools;
#[path = "../cases/timeouts.rs"]
mod timeouts;
#[path = "../cases/timeouts_on_the_wire.rs"]
mod timeouts_on_the_wire;
#[path = "../cases/traps.rs"]
mod traps;
#[path = "../cases/traps_mysql.rs"]
mod traps_mysql;
#[path = "../cases/traps_on_the_wire.rs"]
mod traps_on_the_wire;
#[path = "../cases/world.rs"]
mod world;
