//! The cases on PostgreSQL through SQLx.

use txkit_tests::wire::{Protocol, Proxy};

pub type Db = txkit_tests::Postgres;
pub type Driver = sqlx::Postgres;
pub type Connection = sqlx::PgConnection;
pub type Options = sqlx::postgres::PgConnectOptions;
pub type Tx<'a> = txkit::sqlx::PgTx<'a>;
pub type ReadTx<'a> = txkit::sqlx::PgReadTx<'a>;
pub type Wire = Proxy;
pub type Session<'a> = txkit::sqlx::PgSession<'a>;

/// Whether a second writer waits at BEGIN, so that two cannot be in the middle at once.
pub const ONE_WRITER: bool = false;
/// How a session reads that is in a transaction.
pub const IN_TRANSACTION: (&str, &str) = ("in a transaction", "true");
/// Part of what txkit begins with.
pub const BEGIN: &str = "BEGIN";
/// Bounds the wait for a lock, for one who looks from outside.
pub const PATIENCE: &str = "SET lock_timeout = '5s'";
/// Enough work for a limit that was left behind to strike.
pub const WORKOUT: &str = "SELECT 1";
/// Takes about a second.
pub const SLOW: &str = "SELECT pg_sleep(1)";
/// Takes longer than any test.
pub const ENDLESS: &str = "SELECT pg_sleep(100)";
/// Changes row 1, slowly, in one statement.
pub const SLOW_UPDATE: &str = "UPDATE acc SET n = n + 1 FROM (SELECT pg_sleep(1)) s WHERE id = 1";
/// The code of a statement that took too long.
pub const STATEMENT_TIMEOUT: &str = "57014";
/// Who one is.
pub const ME: &str = "SELECT pg_backend_pid()::bigint";

/// The way to the database through a proxy.
pub fn through(db: &Db, proxy: &Proxy) -> Options {
    use txkit_tests::TestDatabase as _;
    db.options().host("127.0.0.1").port(proxy.port())
}

/// A proxy before the server.
pub async fn proxy(db: &Db) -> Proxy {
    Proxy::start(db.address(), Protocol::Postgres).await
}

/// Every round trip takes its time: the proxy's task must run before an answer comes. So each is an await point.
pub async fn wire(db: &Db) -> (Option<Wire>, Options) {
    let proxy = proxy(db).await;
    let options = through(db, &proxy);
    (Some(proxy), options)
}

/// Ends a session, as an administrator would.
pub fn kill(session: i64) -> String {
    format!("SELECT pg_terminate_backend({session}::int)")
}

/// Counts the sessions of this number.
pub fn living(session: i64) -> String {
    format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {session}::int")
}

/// Kills any one session of the database.
pub async fn kill_someone(outsider: &mut Connection) {
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1";
    sqlx::raw_sql(kill).execute(outsider).await.expect("kill");
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
#[path = "../cases/drop_in.rs"]
mod drop_in;
#[path = "../cases/dropping.rs"]
mod dropping;
#[path = "../cases/foreign.rs"]
mod foreign;
#[path = "../cases/hooks.rs"]
mod hooks;
#[path = "../cases/lending.rs"]
mod lending;
#[path = "../cases/lending_postgres.rs"]
mod lending_postgres;
#[path = "../cases/limits.rs"]
mod limits;
#[path = "../cases/losing.rs"]
mod losing;
#[path = "../cases/marks.rs"]
mod marks;
#[path = "../cases/partly.rs"]
mod partly;
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
#[path = "../cases/traps_on_the_wire.rs"]
mod traps_on_the_wire;
#[path = "../cases/traps_postgres.rs"]
mod traps_postgres;
#[path = "../cases/world.rs"]
mod world;
