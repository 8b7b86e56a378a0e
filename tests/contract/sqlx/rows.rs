//! An obstacle for engines with row locks: a row that someone else has locked; knows no one engine.

use std::sync::Arc;

use tokio::sync::Mutex;
use txkit::Tx;
use txkit_tests::TestDatabase;

use super::{Conn, Db, DriverError, Pool, Stage, helpers};

/// A lock that someone else holds until it is removed.
#[derive(Clone)]
pub struct Obstacle(Arc<Mutex<Option<Conn>>>);

impl Obstacle {
    /// A stage and an obstacle on it.
    pub async fn stage() -> (Stage, Self) {
        let stage = Stage::new().await;
        let obstacle = Self(Arc::default());
        obstacle.put(&stage).await;
        (stage, obstacle)
    }

    async fn put(&self, stage: &Stage) {
        let mut rival = connect(&stage.db).await;
        helpers::raw(&mut rival, "BEGIN").await.expect("begin");
        let lock = "SELECT id FROM taken WHERE id = 1 FOR UPDATE";
        helpers::raw(&mut rival, lock).await.expect("lock the row");
        *self.0.lock().await = Some(rival);
    }

    /// Takes it away.
    pub async fn remove(&self) {
        if let Some(mut rival) = self.0.lock().await.take() {
            helpers::raw(&mut rival, "ROLLBACK").await.expect("let go");
        }
    }

    /// Runs into it: fails at once with `CONFLICT`, as long as it is there.
    pub async fn meet<A>(&self, tx: &mut Tx<'_, Conn, A>) -> Result<(), DriverError> {
        helpers::execute(tx, "SELECT id FROM taken WHERE id = 1 FOR UPDATE NOWAIT")
            .await
            .map(drop)
    }

    /// The same on the driver's own connection.
    pub async fn meet_raw(&self, conn: &mut Conn) -> Result<(), DriverError> {
        helpers::raw(conn, "SELECT id FROM taken WHERE id = 1 FOR UPDATE NOWAIT").await
    }
}

async fn connect(db: &Db) -> Conn {
    let pool: Pool = db.pool(1);
    pool.acquire().await.expect("connect").detach()
}
