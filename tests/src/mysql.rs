//! A MariaDB or MySQL database for a test.

use std::str::FromStr;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row};

use crate::database::{Session, TestDatabase, fresh_name, proxied, run_apart};

/// Session variables that tell what happened, not how the session is set.
pub const VOLATILE: &[&str] = &[
    "error_count",
    "gtid_binlog_pos",
    "gtid_current_pos",
    "identity",
    "insert_id",
    "last_gtid",
    "last_insert_id",
    "pseudo_thread_id",
    "rand_seed1",
    "rand_seed2",
    "timestamp",
    "warning_count",
];

/// A database on the server of `TXKIT_MYSQL_URL`.
#[derive(Debug)]
pub struct MySql {
    name: String,
    server: MySqlConnectOptions,
}

impl MySql {
    /// Makes one on this server, whose user must be allowed to.
    pub async fn create_on(server: &str) -> Self {
        let server = MySqlConnectOptions::from_str(server).expect("a server's URL");
        let database = Self {
            name: fresh_name(),
            server,
        };
        let create = format!("CREATE DATABASE {}", database.name);
        database
            .administrator()
            .await
            .execute(AssertSqlSafe(create))
            .await
            .expect("create a database");
        database
    }

    /// Connects as the tests' administrator, to a database that is not under test.
    pub async fn administrator(&self) -> MySqlConnection {
        self.server.connect().await.expect("connect to MariaDB")
    }

    /// Where the server listens, for a [`crate::wire::Proxy`].
    pub fn address(&self) -> (String, u16) {
        (self.server.get_host().to_owned(), self.server.get_port())
    }

    /// How programs that are not SQLx's connect to it, by a proxy on this port if there is one.
    pub fn url(&self, proxy: Option<u16>) -> String {
        proxied(self.options().to_url_lossy(), proxy)
    }
}

impl TestDatabase for MySql {
    type Driver = sqlx::MySql;

    const ENGINE: &'static str = "mysql";

    async fn create() -> Self {
        Self::create_on(&crate::mysql_url()).await
    }

    fn options(&self) -> MySqlConnectOptions {
        // Without TLS, which a proxy on the wire cannot read.
        self.server
            .clone()
            .database(&self.name)
            .ssl_mode(MySqlSslMode::Disabled)
    }

    /// From the engine's status, for `innodb_trx` is a cache that frequent readers keep from being renewed.
    async fn open_transactions(&self) -> Vec<String> {
        let mut administrator = self.administrator().await;
        let status = sqlx::raw_sql("SHOW ENGINE INNODB STATUS")
            .fetch_one(&mut administrator)
            .await;
        let status: String = status
            .and_then(|row| row.try_get("Status"))
            .expect("read InnoDB's status");
        let sessions = sqlx::query_scalar(
            "SELECT CAST(id AS SIGNED) FROM information_schema.processlist WHERE db = ?",
        );
        let sessions: Vec<i64> = sessions
            .bind(&self.name)
            .fetch_all(&mut administrator)
            .await
            .expect("read the process list");
        let active = status
            .split("---TRANSACTION ")
            .skip(1)
            .filter(|entry| !entry.contains("not started"));
        active
            .filter(|entry| thread_of(entry).is_some_and(|id| sessions.contains(&id)))
            .map(str::to_owned)
            .collect()
    }

    /// On MariaDB `in_transaction` is among the variables; MySQL does not say.
    async fn session(connection: &mut MySqlConnection) -> Session {
        let variables = sqlx::query_as("SHOW SESSION VARIABLES");
        let variables: Vec<(String, String)> = variables
            .fetch_all(connection)
            .await
            .expect("read the session's variables");
        variables
            .into_iter()
            .filter(|(name, _)| !VOLATILE.contains(&name.as_str()))
            .collect()
    }
}

/// The session of one transaction in InnoDB's status, which says `MariaDB thread id 12,` or `MySQL thread id 12,`.
fn thread_of(entry: &str) -> Option<i64> {
    let (_, id) = entry.split_once(" thread id ")?;
    id.split(',').next()?.trim().parse().ok()
}

impl Drop for MySql {
    fn drop(&mut self) {
        let (server, drop) = (self.server.clone(), format!("DROP DATABASE {}", self.name));
        // Best effort, and not for long: a transaction left open keeps its tables.
        run_apart(async move {
            if let Ok(mut connection) = server.connect().await {
                let _ = connection
                    .execute("SET SESSION lock_wait_timeout = 2")
                    .await;
                let _ = connection.execute(AssertSqlSafe(drop)).await;
            }
        });
    }
}
