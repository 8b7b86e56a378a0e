//! A PostgreSQL database for a test.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row};

use crate::database::{Session, TestDatabase, fresh_name, proxied, run_apart};

/// A database on the server of `TXKIT_POSTGRES_URL`.
#[derive(Debug)]
pub struct Postgres {
    name: String,
    server: PgConnectOptions,
}

impl Postgres {
    /// Makes one on this server, whose user must be allowed to.
    pub async fn create_on(server: &str) -> Self {
        let server = PgConnectOptions::from_str(server).expect("a server's URL");
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
    pub async fn administrator(&self) -> PgConnection {
        self.server.connect().await.expect("connect to PostgreSQL")
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

impl TestDatabase for Postgres {
    type Driver = sqlx::Postgres;

    const ENGINE: &'static str = "postgres";

    async fn create() -> Self {
        Self::create_on(&crate::postgres_url()).await
    }

    fn options(&self) -> PgConnectOptions {
        // Without TLS, which a proxy on the wire cannot read.
        self.server
            .clone()
            .database(&self.name)
            .ssl_mode(PgSslMode::Disable)
    }

    async fn open_transactions(&self) -> Vec<String> {
        let open = sqlx::query_scalar(
            "SELECT format('%s %s: %s', pid, state, query) FROM pg_stat_activity \
             WHERE datname = $1 AND (state LIKE 'idle in transaction%' OR xact_start IS NOT NULL) \
               AND backend_type = 'client backend' \
             UNION ALL SELECT format('prepared %s', gid) FROM pg_prepared_xacts WHERE database = $1",
        );
        open.bind(&self.name)
            .fetch_all(&mut self.administrator().await)
            .await
            .expect("read pg_stat_activity")
    }

    async fn session(connection: &mut PgConnection) -> Session {
        // As one simple query, where the transaction's time is the statement's unless one was open before.
        let open: bool = sqlx::raw_sql("SELECT now() <> statement_timestamp()")
            .fetch_one(&mut *connection)
            .await
            .and_then(|row| row.try_get(0))
            .expect("read the transaction's time");
        let settings = sqlx::query_as("SELECT name, coalesce(setting, '') FROM pg_settings");
        let settings: Vec<(String, String)> = settings
            .fetch_all(connection)
            .await
            .expect("read pg_settings");
        settings
            .into_iter()
            .chain([("in a transaction".to_owned(), open.to_string())])
            .collect()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let (server, drop) = (
            self.server.clone(),
            format!("DROP DATABASE {} WITH (FORCE)", self.name),
        );
        // Best effort: the server may be down, which is what some tests are about.
        run_apart(async move {
            if let Ok(mut connection) = server.connect().await {
                let _ = connection.execute(AssertSqlSafe(drop)).await;
            }
        });
    }
}
