//! A pool whose connections go through a proxy that notes every statement; knows no engine.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use txkit_tests::TestDatabase;
use txkit_tests::wire::Proxy;

use super::{Db, PROTOCOL, Pool};

/// How many round trips `send` takes.
pub const SENDING: usize = 1;

/// A pool, and what goes over its wires.
pub struct Tally {
    pub pool: Pool,
    pub proxy: Proxy,
}

impl Tally {
    pub async fn start(db: &Db, size: u32) -> Self {
        let proxy = Proxy::start(db.address(), PROTOCOL).await;
        let options = db.options().host("127.0.0.1").port(proxy.port());
        let pool = PoolOptions::new()
            .max_connections(size)
            .acquire_timeout(Duration::from_secs(5))
            // A look at an idle connection would be a round trip of its own.
            .test_before_acquire(false)
            .connect_lazy_with(options);
        let tally = Self { pool, proxy };
        // Logging in is over before anything counts.
        drop(tally.pool.acquire().await.expect("connect"));
        tally.settled().await;
        tally.proxy.clear();
        tally
    }

    /// The connection is back in the pool: SQLx looks at it on its way.
    pub async fn settled(&self) {
        let back = async || self.pool.num_idle() == 1;
        crate::tools::awaited::eventually("the connection is back in the pool", back).await;
    }

    /// How often it was waited for an answer, but for the look that SQLx takes at a connection as it comes back.
    pub fn round_trips(&self) -> usize {
        self.proxy.round_trips().saturating_sub(1)
    }

    /// The statements, but for what makes several of them one.
    pub fn statements(&self) -> Vec<String> {
        let bare = |sql: String| {
            let inner = sql.strip_prefix("/*M! BEGIN NOT ATOMIC */ ");
            inner
                .and_then(|sql| sql.strip_suffix(" /*M! ; END */"))
                .map(str::to_owned)
                .unwrap_or(sql)
        };
        self.proxy.statements().into_iter().map(bare).collect()
    }

    pub fn commits(&self) -> usize {
        let statements = self.statements();
        statements
            .iter()
            .filter(|sql| sql.contains("COMMIT"))
            .count()
    }

    pub fn rollbacks(&self) -> usize {
        let statements = self.statements();
        let whole = |sql: &&String| sql.contains("ROLLBACK") && !sql.contains("ROLLBACK TO");
        statements.iter().filter(whole).count()
    }
}
