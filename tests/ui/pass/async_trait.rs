//! `#[async_trait]`: by reference and from a pool, in implementations and default bodies, as trait objects.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::PgPool;
use txkit::sqlx::{PgReadTx, PgTx};
use txkit::{read_only, retry_on_conflict, transactional};

#[async_trait]
trait Orders: Send + Sync {
    async fn place(&self, tx: &mut PgTx<'_>, id: i64) -> Result<(), sqlx::Error>;

    async fn begin(&self, name: String) -> Result<usize, sqlx::Error>;

    #[read_only]
    async fn count(&self, tx: &mut PgReadTx<'_>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM orders")
            .fetch_one(tx)
            .await
    }
}

struct Stored {
    pool: PgPool,
}

#[async_trait]
impl Orders for Stored {
    #[transactional]
    async fn place(&self, tx: &mut PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO orders VALUES ($1)")
            .bind(id)
            .execute(tx)
            .await
            .map(drop)
    }

    #[transactional(on = self.pool)]
    #[retry_on_conflict]
    async fn begin(&self, tx: PgTx<'_>, name: String) -> Result<usize, sqlx::Error> {
        self.place(&mut tx, 1).await?;
        Ok(name.len())
    }
}

#[transactional]
async fn through_an_object(tx: PgTx<'_>, orders: Arc<dyn Orders>) -> Result<(), sqlx::Error> {
    orders.place(&mut tx, 1).await?;
    orders.begin("two".into()).await.map(drop)
}

fn spawned(pool: PgPool, orders: Arc<dyn Orders>) {
    tokio::spawn(async move { through_an_object(&pool, orders).await });
}
