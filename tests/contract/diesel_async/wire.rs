//! A pool whose connections go through a proxy that notes every statement; knows no engine. The blocking suite derives
//! its own from this.

use txkit_tests::wire::Proxy;

use super::*;

/// A pool, and what goes over its wires.
pub struct Tally {
    pub pool: Pool,
    pub proxy: Proxy,
}

impl Tally {
    pub async fn start(db: &Db, size: u32) -> Self {
        let proxy = wait(Proxy::start(db.address(), PROTOCOL)).await;
        let knobs = Knobs {
            proxy: Some(proxy.port()),
            ..Knobs::default()
        };
        let pool = db.build(size, knobs);
        // Logging in is over before anything counts.
        drop(lease(&pool).await);
        proxy.clear();
        Self { pool, proxy }
    }

    /// The connection is back in the pool.
    pub async fn settled(&self) {
        let back = async || are_all_back(&self.pool);
        eventually("the connection is back in the pool", back).await;
    }

    /// How often it was waited for an answer.
    pub fn round_trips(&self) -> usize {
        self.proxy.round_trips()
    }

    /// The statements, but for what makes several of them one.
    pub fn statements(&self) -> Vec<String> {
        let blocks = [
            ("BEGIN NOT ATOMIC ", "; END"),
            ("/*M! BEGIN NOT ATOMIC */ ", " /*M! ; END */"),
        ];
        let bare = |sql: String| {
            let inner = |(begin, end)| sql.strip_prefix(begin)?.strip_suffix(end);
            blocks
                .into_iter()
                .find_map(inner)
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
