//! An obstacle and a tally for SQLite, which has neither row locks nor a wire.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use tokio::sync::Mutex;
use txkit::Tx;
use txkit_tests::{Sqlite, TestDatabase};

use super::{Conn, DriverError, Pool, Stage, helpers};

/// A pool of one whose connection does not wait for locks.
pub fn hasty_pool(db: &Sqlite) -> Pool {
    let options = db.options().busy_timeout(Duration::ZERO);
    SqlitePoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(options)
}

/// The same without a write-ahead log.
pub fn unlogged_pool(db: &Sqlite) -> Pool {
    let options = db.options().journal_mode(SqliteJournalMode::Delete);
    SqlitePoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(options.busy_timeout(Duration::ZERO))
}

/// A connection without a write-ahead log.
pub async fn unlogged_connection(db: &Sqlite) -> Conn {
    let options = db.options().journal_mode(SqliteJournalMode::Delete);
    options.connect().await.expect("open the database")
}

/// Another database file that someone else is writing to, until it is removed.
#[derive(Clone)]
pub struct Obstacle {
    file: PathBuf,
    rival: Arc<Mutex<Option<Conn>>>,
}

impl Obstacle {
    /// A stage and an obstacle on it. The pool's connections do not wait for locks, and serve once: those that met the
    /// obstacle have the other file attached.
    pub async fn stage() -> (Stage, Self) {
        let stage = Stage::built(|db| {
            SqlitePoolOptions::new()
                .max_connections(4)
                .acquire_timeout(Duration::from_secs(5))
                .after_release(|_, _| Box::pin(async { Ok(false) }))
                .connect_lazy_with(db.options().busy_timeout(Duration::ZERO))
        })
        .await;
        let file = stage.db.path().with_extension("other");
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true);
        let mut rival = options.connect().await.expect("open the other file");
        let lock = "CREATE TABLE door (id int); BEGIN IMMEDIATE";
        helpers::raw(&mut rival, lock)
            .await
            .expect("lock the other file");
        let rival = Arc::new(Mutex::new(Some(rival)));
        let obstacle = Self { file, rival };
        (stage, obstacle)
    }

    /// Takes it away.
    pub async fn remove(&self) {
        if let Some(mut rival) = self.rival.lock().await.take() {
            helpers::raw(&mut rival, "ROLLBACK").await.expect("let go");
        }
    }

    /// Runs into it: fails at once with `CONFLICT`, as long as it is there.
    pub async fn meet<A>(&self, tx: &mut Tx<'_, Conn, A>) -> Result<(), DriverError> {
        if helpers::number(tx, ATTACHED).await? == 0 {
            helpers::execute(tx, &self.attach()).await?;
        }
        helpers::execute(tx, KNOCK).await.map(drop)
    }

    /// The same on the driver's own connection.
    pub async fn meet_raw(&self, conn: &mut Conn) -> Result<(), DriverError> {
        if helpers::raw_number(conn, ATTACHED).await? == 0 {
            helpers::raw(conn, &self.attach()).await?;
        }
        helpers::raw(conn, KNOCK).await
    }

    fn attach(&self) -> String {
        format!("ATTACH DATABASE '{}' AS other", self.file.display())
    }
}

const ATTACHED: &str = "SELECT count(*) FROM pragma_database_list WHERE name = 'other'";
const KNOCK: &str = "INSERT INTO other.door VALUES (1)";

/// A pool, and how often its connections committed and rolled back.
pub struct Tally {
    pub pool: Pool,
    commits: Arc<AtomicUsize>,
    rollbacks: Arc<AtomicUsize>,
}

impl Tally {
    pub async fn start(db: &Sqlite, size: u32) -> Self {
        let (commits, rollbacks) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let counters = (commits.clone(), rollbacks.clone());
        let pool = SqlitePoolOptions::new()
            .max_connections(size)
            .acquire_timeout(Duration::from_secs(5))
            .after_connect(move |conn, _| {
                let (commits, rollbacks) = counters.clone();
                Box::pin(async move {
                    let mut handle = conn.lock_handle().await?;
                    handle.set_commit_hook(move || {
                        commits.fetch_add(1, Ordering::SeqCst);
                        true
                    });
                    handle.set_rollback_hook(move || {
                        rollbacks.fetch_add(1, Ordering::SeqCst);
                    });
                    Ok(())
                })
            })
            .connect_lazy_with(db.options());
        Self {
            pool,
            commits,
            rollbacks,
        }
    }

    pub fn commits(&self) -> usize {
        self.commits.load(Ordering::SeqCst)
    }

    pub fn rollbacks(&self) -> usize {
        self.rollbacks.load(Ordering::SeqCst)
    }
}
