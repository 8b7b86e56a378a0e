//! A database to torture, and what an outsider sees of it; knows no adapter.

use std::any::Any;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, MySqlPool, PgPool, Row as _, SqlitePool,
};
use tempfile::TempDir;
use txkit_tests::{MYSQL_VOLATILE, MySql, Postgres, SQLITE_SETTINGS, Sqlite, TestDatabase};

use crate::subject::{Driver, Engine};

/// Connections of outsiders to one place.
const OUTSIDERS: u32 = 3;

/// An empty database of its own, gone when this is dropped; and a way to it that is not under torture.
pub struct Place {
    home: Home,
    engine: Engine,
}

enum Home {
    Sqlite(Sqlite, SqlitePool),
    Postgres(Postgres, PgPool),
    MySql(MySql, MySqlPool),
}

/// What kept an outsider from looking.
pub type PlaceError = sqlx::Error;

/// An outsider's connection, with whatever it began.
pub struct Held(#[expect(dead_code, reason = "held, not read")] Box<dyn Any + Send + Sync>);

/// Does the same on each engine, whose types differ.
macro_rules! on_each {
    ($home:expr, |$db:ident, $pool:ident| $do:expr) => {
        match $home {
            Home::Sqlite($db, $pool) => $do,
            Home::Postgres($db, $pool) => $do,
            Home::MySql($db, $pool) => $do,
        }
    };
}

impl Place {
    /// On the servers that the tests were given, or in a file.
    pub async fn create(engine: Engine) -> Self {
        let home = match engine {
            Engine::Sqlite => sqlite().await,
            Engine::Postgres => postgres(Postgres::create().await),
            Engine::MySql => mysql(MySql::create().await),
        };
        Self { home, engine }
    }

    /// On a server of the trial's own.
    pub async fn create_on(engine: Engine, server: &str) -> Self {
        let home = match engine {
            Engine::Sqlite => sqlite().await,
            Engine::Postgres => postgres(Postgres::create_on(server).await),
            Engine::MySql => mysql(MySql::create_on(server).await),
        };
        Self { home, engine }
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// How a driver connects to it, by a proxy on this port if there is one. Without TLS, which a proxy cannot read.
    pub fn url(&self, driver: Driver, proxy: Option<u16>) -> String {
        match &self.home {
            Home::Sqlite(db, _) if driver == Driver::Sqlx => db.path().display().to_string(),
            Home::Sqlite(db, _) => format!("file:{}?cache=private", db.path().display()),
            Home::Postgres(db, _) => format!("{}?sslmode=disable", db.url(proxy)),
            Home::MySql(db, _) => {
                let directly = match driver {
                    Driver::Sqlx => "ssl-mode=DISABLED",
                    Driver::DieselAsync => "prefer_socket=false",
                    Driver::Diesel => "ssl_mode=disabled",
                };
                format!("{}?{directly}", db.url(proxy))
            }
        }
    }

    /// Reads one column of text from an SQLite file that nobody else has open, and closes it again.
    pub async fn read_file(path: &str, sql: &str) -> Result<Vec<String>, PlaceError> {
        // Of the journal's mode it says nothing, so as to find the file as it was left.
        let options = SqliteConnectOptions::new().filename(path);
        let mut conn = options.connect().await?;
        let rows = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(&mut conn);
        let rows = rows.await;
        conn.close().await?;
        rows
    }

    /// Where the server listens, for a proxy before it. SQLite has none.
    pub fn address(&self) -> Option<(String, u16)> {
        match &self.home {
            Home::Sqlite(..) => None,
            Home::Postgres(db, _) => Some(db.address()),
            Home::MySql(db, _) => Some(db.address()),
        }
    }

    /// Runs statements as an outsider.
    pub async fn run(&self, sql: &str) -> Result<(), PlaceError> {
        let sql = AssertSqlSafe(sql.to_owned());
        on_each!(&self.home, |_db, pool| sqlx::raw_sql(sql)
            .execute(pool)
            .await
            .map(drop))
    }

    /// Runs statements on an outsider's connection that nobody else gets while it is held.
    pub async fn hold(&self, sql: &str) -> Result<Held, PlaceError> {
        let sql = AssertSqlSafe(sql.to_owned());
        on_each!(&self.home, |_db, pool| {
            let mut conn = pool.acquire().await?;
            sqlx::raw_sql(sql).execute(&mut *conn).await?;
            Ok(Held(Box::new(conn)))
        })
    }

    /// What InnoDB says of itself. It knows sooner than `innodb_trx`, a cache that is not renewed while many ask.
    pub async fn innodb_status(&self) -> Result<String, PlaceError> {
        let Home::MySql(_, pool) = &self.home else {
            return Ok(String::new());
        };
        let row = sqlx::raw_sql("SHOW ENGINE INNODB STATUS").fetch_one(pool);
        row.await?.try_get("Status")
    }

    /// Reads one column of text as an outsider.
    pub async fn read(&self, sql: &str) -> Result<Vec<String>, PlaceError> {
        let query = AssertSqlSafe(sql.to_owned());
        on_each!(&self.home, |_db, pool| sqlx::query_scalar(query)
            .fetch_all(pool)
            .await)
    }

    /// The transactions open on it now, one line each, after those that are about to end had a moment to.
    pub async fn open_transactions(&self) -> Vec<String> {
        self.open_transactions_but(None).await
    }

    /// The same but for those whose line contains a text.
    pub async fn open_transactions_but(&self, known: Option<&str>) -> Vec<String> {
        let mut open = Vec::new();
        for _ in 0..60 {
            open = on_each!(&self.home, |db, _pool| db.open_transactions().await);
            open.retain(|line| known.is_none_or(|known| !line.contains(known)));
            if open.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        open
    }

    /// What reads the settings of a connection that outlive a transaction, and whether it is in one, as `name=value`.
    pub fn settings_sql(&self) -> String {
        match self.engine {
            Engine::Sqlite => {
                let readable = SQLITE_SETTINGS.iter().filter(|name| is_a_table(name));
                let each = readable.map(|name| {
                    format!("SELECT '{name}=' || coalesce((SELECT * FROM pragma_{name}), '')")
                });
                each.collect::<Vec<_>>().join(" UNION ALL ")
            }
            Engine::Postgres => "SELECT name || '=' || coalesce(setting, '') FROM pg_settings \
                WHERE source <> 'client' OR name <> 'application_name' ORDER BY name"
                .to_owned(),
            Engine::MySql => format!(
                "SELECT CAST(CONCAT(lower(variable_name), '=', variable_value) AS CHAR) \
                 FROM information_schema.session_variables WHERE lower(variable_name) NOT IN ('{}') \
                 ORDER BY variable_name",
                MYSQL_VOLATILE.join("', '")
            ),
        }
    }
}

/// Whether SQLite lets a statement read this pragma: not those that can change something.
fn is_a_table(pragma: &str) -> bool {
    !matches!(pragma, "journal_mode")
}

async fn sqlite() -> Home {
    let db = Sqlite::create().await;
    // The others may be at work.
    let patient = db.options().busy_timeout(Duration::from_secs(20));
    let pool = PoolOptions::new()
        .max_connections(OUTSIDERS)
        .connect_lazy_with(patient);
    Home::Sqlite(db, pool)
}

fn postgres(db: Postgres) -> Home {
    let pool = db.pool(OUTSIDERS);
    Home::Postgres(db, pool)
}

fn mysql(db: MySql) -> Home {
    let pool = db.pool(OUTSIDERS);
    Home::MySql(db, pool)
}

/// A folder of a trial's own, into which servers of other users may go.
pub fn folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;

    let mut builder = tempfile::Builder::new();
    builder.permissions(std::fs::Permissions::from_mode(0o711));
    builder
        .prefix("txkit-")
        .tempdir()
        .expect("make a temporary folder")
}
