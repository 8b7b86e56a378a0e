//! An obstacle and a tally for SQLite, which has neither row locks nor a wire. The blocking suite derives its own from
//! this.

use std::sync::Arc;

use txkit::Tx;

use super::*;

/// A pool of one whose connection does not wait for locks.
pub fn hasty_pool(db: &Db) -> Pool {
    db.build(1, Knobs::saying("PRAGMA busy_timeout = 0"))
}

/// The same without a write-ahead log.
pub fn unlogged_pool(db: &Db) -> Pool {
    db.build(
        1,
        Knobs::saying("PRAGMA journal_mode = DELETE; PRAGMA busy_timeout = 0"),
    )
}

/// A connection without a write-ahead log.
pub async fn unlogged_connection(db: &Db) -> Conn {
    db.open(Knobs::saying("PRAGMA journal_mode = DELETE")).await
}

/// A table of a shared cache that someone else reads, until it is removed: writers of it do not wait.
#[derive(Clone)]
pub struct Obstacle(Arc<Slot<Option<Conn>>>);

impl Obstacle {
    /// A stage and an obstacle on it.
    pub async fn stage() -> (Stage, Self) {
        let stage = Stage::built(|db| db.build(4, shared())).await;
        stage.rival("CREATE TABLE door (id int)").await;
        let mut rival = stage.db.open(shared()).await;
        let lock = "BEGIN; SELECT count(*) FROM door";
        raw(&mut rival, lock).await.expect("lock the table");
        (stage, Self(Arc::new(Slot::new(Some(rival)))))
    }

    /// Takes it away.
    pub async fn remove(&self) {
        let rival = self.0.lock().await.take();
        if let Some(mut rival) = rival {
            raw(&mut rival, "ROLLBACK").await.expect("let go");
        }
    }

    /// Runs into it: fails at once with `CONFLICT`, as long as it is there.
    pub async fn meet<A>(&self, tx: &mut Tx<'_, Conn, A>) -> Result<(), DriverError> {
        execute(tx, KNOCK).await.map(drop)
    }

    /// The same on the driver's own connection.
    pub async fn meet_raw(&self, conn: &mut Conn) -> Result<(), DriverError> {
        raw(conn, KNOCK).await
    }
}

const KNOCK: &str = "INSERT INTO door VALUES (1)";

fn shared() -> Knobs {
    Knobs {
        shared: true,
        ..Knobs::default()
    }
}

/// A pool, and how often its connections committed and rolled back.
pub struct Tally {
    pub pool: Pool,
    said: Log,
}

impl Tally {
    pub async fn start(db: &Db, size: u32) -> Self {
        let said = Log::default();
        let knobs = Knobs {
            log: Some(said.clone()),
            ..Knobs::default()
        };
        Self {
            pool: db.build(size, knobs),
            said,
        }
    }

    pub fn commits(&self) -> usize {
        let notes = self.said.notes();
        notes.iter().filter(|sql| sql.contains("COMMIT")).count()
    }

    pub fn rollbacks(&self) -> usize {
        let notes = self.said.notes();
        let whole = |sql: &&String| sql.contains("ROLLBACK") && !sql.contains("ROLLBACK TO");
        notes.iter().filter(whole).count()
    }
}
