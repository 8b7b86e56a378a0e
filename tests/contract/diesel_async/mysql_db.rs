//! A MariaDB or MySQL database for a case of Diesel's. The blocking suite derives its own from this.

use diesel::sql_types::Text;
use txkit_tests::{MYSQL_VOLATILE, MySql, Session, TestDatabase as _};

use super::*;

/// What each connection is told first.
pub const SETUP: &str = "";

/// A database of the case's own.
pub struct Db(MySql);

impl Db {
    pub const ENGINE: &'static str = MySql::ENGINE;

    pub async fn create() -> Self {
        Self(wait(MySql::create()).await)
    }

    pub fn url(&self, knobs: &Knobs) -> String {
        format!("{}{DIRECTLY}", self.0.url(knobs.proxy))
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

    /// A connection of someone's who is not under test.
    pub async fn administrator(&self) -> Conn {
        self.connect().await
    }

    /// Where the server listens.
    pub fn address(&self) -> (String, u16) {
        self.0.address()
    }

    pub async fn assert_quiet(&self) {
        wait(self.0.assert_quiet()).await;
    }

    /// A connection's settings, and on MariaDB whether it is in a transaction.
    pub async fn session(conn: &mut Conn) -> Session {
        let pairs: Vec<(String, String)> =
            diesel::dsl::sql::<(Text, Text)>("SHOW SESSION VARIABLES")
                .load(conn)
                .await
                .expect("read the session's variables");
        pairs
            .into_iter()
            .filter(|(name, _)| !MYSQL_VOLATILE.contains(&name.as_str()))
            .collect()
    }
}
