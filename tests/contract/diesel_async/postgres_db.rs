//! A PostgreSQL database for a case of Diesel's. The blocking suite derives its own from this.

use diesel::sql_types::Text;
use txkit_tests::{Postgres, Session, TestDatabase as _};

use super::*;

/// What each connection is told first.
pub const SETUP: &str = "";

/// A database of the case's own.
pub struct Db(Postgres);

impl Db {
    pub const ENGINE: &'static str = Postgres::ENGINE;

    pub async fn create() -> Self {
        Self(wait(Postgres::create()).await)
    }

    pub fn url(&self, knobs: &Knobs) -> String {
        format!("{}?sslmode=disable", self.0.url(knobs.proxy))
    }

    /// A pool of at most `size` connections.
    pub fn build(&self, size: u32, knobs: Knobs) -> Pool {
        pools::build(self.url(&knobs), size, knobs)
    }

    /// A connection without a pool.
    pub async fn open(&self, knobs: Knobs) -> Conn {
        pools::open(self.url(&knobs), knobs).await.expect("connect")
    }

    pub async fn connect(&self) -> Conn {
        self.open(Knobs::default()).await
    }

    /// Where the server listens.
    pub fn address(&self) -> (String, u16) {
        self.0.address()
    }

    pub async fn assert_quiet(&self) {
        wait(self.0.assert_quiet()).await;
    }

    /// A connection's settings, and whether it is in a transaction.
    pub async fn session(conn: &mut Conn) -> Session {
        // As one simple query, where the transaction's time is the statement's unless one was open before.
        let ask = "SELECT set_config('txkit.open', (now() <> statement_timestamp())::text, false)";
        raw(conn, ask).await.expect("compare the times");
        let all = "SELECT name || '=' || coalesce(setting, '') FROM pg_settings \
                   UNION ALL SELECT 'in a transaction=' || current_setting('txkit.open')";
        let lines: Vec<String> = diesel::dsl::sql::<Text>(all)
            .load(conn)
            .await
            .expect("read pg_settings");
        let pairs = lines.iter().filter_map(|line| line.split_once('='));
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}
