//! An SQLite database file for a test.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row};
use tempfile::TempDir;

use crate::database::{Session, TestDatabase};

/// The pragmas that are read of a connection.
pub const SETTINGS: &[&str] = &[
    "busy_timeout",
    "cache_spill",
    "defer_foreign_keys",
    "foreign_keys",
    "ignore_check_constraints",
    "journal_mode",
    "locking_mode",
    "query_only",
    "read_uncommitted",
    "recursive_triggers",
    "synchronous",
    "temp_store",
];

/// A database file in a folder of its own, in WAL mode.
#[derive(Debug)]
pub struct Sqlite {
    folder: TempDir,
}

impl Sqlite {
    /// The file.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }
}

impl TestDatabase for Sqlite {
    type Driver = sqlx::Sqlite;

    const ENGINE: &'static str = "sqlite";

    async fn create() -> Self {
        Self {
            folder: tempfile::Builder::new()
                .prefix("txkit-")
                .tempdir()
                .expect("make a temporary folder"),
        }
    }

    fn options(&self) -> SqliteConnectOptions {
        let options = SqliteConnectOptions::new()
            .filename(self.path())
            .create_if_missing(true);
        options
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(5))
    }

    async fn open_transactions(&self) -> Vec<String> {
        let mut connection = self
            .options()
            .busy_timeout(Duration::ZERO)
            .connect()
            .await
            .expect("open the database");
        let mut open = Vec::new();
        if let Err(busy) = connection.execute("BEGIN IMMEDIATE; ROLLBACK").await {
            open.push(format!("a writer: {busy}"));
        }
        // Readers keep the log from being restarted: the first column is 1 then.
        let restart = sqlx::query("PRAGMA wal_checkpoint(RESTART)")
            .fetch_one(&mut connection)
            .await;
        match restart.and_then(|row| row.try_get::<i64, _>(0)) {
            Ok(0) => {}
            Ok(_) => open.push("a reader or writer".to_owned()),
            Err(error) => open.push(format!("unknown: {error}")),
        }
        let _ = connection.close().await;
        open
    }

    async fn session(connection: &mut SqliteConnection) -> Session {
        let mut session = Session::new();
        for name in SETTINGS {
            let pragma = sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA {name}")))
                .fetch_optional(&mut *connection)
                .await;
            let row = pragma.expect("read a setting");
            let value = row.map(|row| row.try_get_unchecked::<String, _>(0).unwrap_or_default());
            session.insert((*name).to_owned(), value.unwrap_or_default());
        }
        // A transaction cannot be begun in one.
        let open = connection.execute("BEGIN").await.is_err();
        if !open {
            connection
                .execute("ROLLBACK")
                .await
                .expect("end the transaction just begun");
        }
        session.insert("in a transaction".to_owned(), open.to_string());
        session
    }
}
