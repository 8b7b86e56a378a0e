//! An SQLite database file for a case of Diesel's. The blocking suite derives its own from this.

use diesel::OptionalExtension as _;
use diesel::sql_types::{Nullable, Text};
use txkit_tests::{SQLITE_SETTINGS, Session, Sqlite, TestDatabase as _};

use super::*;

/// What each connection is told first: SQLx does it by itself.
pub const SETUP: &str =
    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; ";

/// A database of the case's own.
pub struct Db(Sqlite);

impl Db {
    pub const ENGINE: &'static str = Sqlite::ENGINE;

    pub async fn create() -> Self {
        Self(wait(Sqlite::create()).await)
    }

    pub fn url(&self, knobs: &Knobs) -> String {
        let path = self.0.path();
        let cache = if knobs.shared { "shared" } else { "private" };
        format!("file:{}?cache={cache}", path.display())
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

    pub async fn assert_quiet(&self) {
        wait(self.0.assert_quiet()).await;
    }

    /// A connection's settings, and whether it is in a transaction.
    pub async fn session(conn: &mut Conn) -> Session {
        let mut session = Session::new();
        for name in SQLITE_SETTINGS {
            let pragma = diesel::dsl::sql::<Nullable<Text>>(&format!("PRAGMA {name}"));
            let value: Option<Option<String>> =
                pragma.get_result(conn).await.optional().expect("a setting");
            session.insert((*name).to_owned(), value.flatten().unwrap_or_default());
        }
        // A transaction cannot be begun in one.
        let open = raw(conn, "BEGIN").await.is_err();
        if !open {
            raw(conn, "ROLLBACK")
                .await
                .expect("end the transaction just begun");
        }
        session.insert("in a transaction".to_owned(), open.to_string());
        session
    }
}
