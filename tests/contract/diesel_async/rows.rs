//! An obstacle for engines with row locks: a row that someone else has locked; knows no one engine. The blocking suite
//! derives its own from this.

use std::sync::Arc;

use txkit::Tx;

use super::*;

/// A lock that someone else holds until it is removed.
#[derive(Clone)]
pub struct Obstacle(Arc<Slot<Option<Conn>>>);

impl Obstacle {
    /// A stage and an obstacle on it.
    pub async fn stage() -> (Stage, Self) {
        let stage = Stage::new().await;
        let obstacle = Self::on(&stage).await;
        (stage, obstacle)
    }

    /// An obstacle on a stage.
    pub async fn on(stage: &Stage) -> Self {
        let mut rival = stage.rival_connection().await;
        raw(&mut rival, "BEGIN").await.expect("begin");
        let lock = "SELECT id FROM taken WHERE id = 1 FOR UPDATE";
        raw(&mut rival, lock).await.expect("lock the row");
        Self(Arc::new(Slot::new(Some(rival))))
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
        number(tx, "SELECT id FROM taken WHERE id = 1 FOR UPDATE NOWAIT")
            .await
            .map(drop)
    }

    /// The same on the driver's own connection.
    pub async fn meet_raw(&self, conn: &mut Conn) -> Result<(), DriverError> {
        raw(conn, "SELECT id FROM taken WHERE id = 1 FOR UPDATE NOWAIT").await
    }
}
