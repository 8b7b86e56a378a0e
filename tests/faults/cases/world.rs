//! A database with a few rows, a pool on it, and what must be true of both after anything went wrong.

use sqlx::pool::PoolOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Pool};
use txkit_tests::{TestDatabase as _, changes};

use super::{Connection, Db, Driver, Options, PATIENCE, Tx, WORKOUT, Wire, wire};
use crate::support::{Failure, bounded};

const ROWS: &str = "CREATE TABLE acc (id BIGINT PRIMARY KEY, n BIGINT NOT NULL); \
    INSERT INTO acc VALUES (1, 0), (2, 0), (3, 0), (4, 0)";

/// Four rows, all 0.
pub struct World {
    pub db: Db,
    pub pool: Pool<Driver>,
    pub size: u32,
    fresh: txkit_tests::Session,
    wire: Option<Wire>,
}

impl World {
    /// With a pool of at most `size` connections.
    pub async fn new(size: u32) -> Self {
        let db = Db::create().await;
        let options = db.options();
        Self::on(db, options, size).await
    }

    /// The same, where (but for SQLite) every round trip has an await point.
    pub async fn wired(size: u32) -> Self {
        let db = Db::create().await;
        let (wire, options) = wire(&db).await;
        Self {
            wire,
            ..Self::on(db, options, size).await
        }
    }

    /// Whether every round trip has an await point.
    pub fn is_wired(&self) -> bool {
        self.wire.is_some()
    }

    /// The same, on a way to the database of the test's own.
    pub async fn on(db: Db, options: Options, size: u32) -> Self {
        let pool = PoolOptions::new()
            .max_connections(size)
            .acquire_timeout(std::time::Duration::from_secs(20))
            .connect_lazy_with(options);
        let mut first = pool.acquire().await.expect("a connection");
        sqlx::raw_sql(ROWS)
            .execute(&mut *first)
            .await
            .expect("make the rows");
        let fresh = Db::session(&mut first).await;
        drop(first);
        Self {
            db,
            pool,
            size,
            fresh,
            wire: None,
        }
    }

    /// A connection that no pool knows, and that does not wait for locks for ever.
    pub async fn outsider(&self) -> Connection {
        let mut connection = self.db.options().connect().await.expect("connect");
        sqlx::raw_sql(PATIENCE)
            .execute(&mut connection)
            .await
            .expect("bound the wait");
        connection
    }

    /// The rows 1 to 4 as they are stored.
    pub async fn rows(&self) -> [i64; 4] {
        let rows: Vec<i64> = sqlx::query_scalar("SELECT n FROM acc WHERE id < 5 ORDER BY id")
            .fetch_all(&mut self.outsider().await)
            .await
            .expect("read the rows");
        rows.try_into().expect("four rows")
    }

    /// Makes all rows 0 again.
    pub async fn reset(&self) {
        let reset = sqlx::raw_sql("UPDATE acc SET n = 0")
            .execute(&mut self.outsider().await)
            .await;
        reset.expect("no lock is left");
    }

    /// Waits until all transactions are over.
    pub async fn quiet(&self) {
        self.db.assert_quiet().await;
    }

    /// Nothing of an earlier transaction is left: no setting or transaction on any of the pool's connections, of which
    /// there are as many as ever; no lock; no transaction on the server.
    pub async fn assert_clean(&self, when: &str) {
        let mut all = Vec::new();
        for _ in 0..self.size {
            let connection = bounded("the next borrower", self.pool.acquire()).await;
            all.push(
                connection.unwrap_or_else(|error| {
                    panic!("{when}: the pool has lost connections: {error}")
                }),
            );
        }
        for connection in &mut all {
            let changed = changes(&self.fresh, &Db::session(connection).await);
            assert_eq!(
                changed,
                Vec::<String>::new(),
                "{when}: the next borrower finds a session that is not as before"
            );
        }
        for connection in &mut all {
            let work = sqlx::raw_sql(WORKOUT).execute(&mut **connection).await;
            work.unwrap_or_else(|error| panic!("{when}: the next borrower cannot work: {error}"));
        }
        let lock = sqlx::raw_sql("UPDATE acc SET n = n")
            .execute(&mut self.outsider().await)
            .await;
        lock.unwrap_or_else(|error| panic!("{when}: a lock is left: {error}"));
        drop(all);
        bounded(when, self.db.assert_quiet()).await;
    }
}

/// Adds 1 to row `id` through a handle.
pub async fn add(tx: &mut Tx<'_>, id: i64) -> Result<(), Failure> {
    let update = format!("UPDATE acc SET n = n + 1 WHERE id = {id}");
    sqlx::query(AssertSqlSafe(update)).execute(&mut *tx).await?;
    Ok(())
}

/// Adds 1 to row `id` through a connection, as code without txkit does.
pub async fn raw_add(connection: &mut Connection, id: i64) -> Result<(), sqlx::Error> {
    let update = format!("UPDATE acc SET n = n + 1 WHERE id = {id}");
    sqlx::query(AssertSqlSafe(update))
        .execute(connection)
        .await
        .map(drop)
}
