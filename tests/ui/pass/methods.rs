//! Methods with every receiver, associated functions, calls to oneself.

use std::sync::Arc;

use sqlx::PgPool;
use txkit::{retry_on_conflict, sqlx::PgTx, transactional};

#[derive(Clone)]
struct Orders {
    placed: i64,
}

impl Orders {
    const TABLE: &'static str = "orders";

    #[transactional]
    async fn place(&self, tx: PgTx<'_>) -> Result<i64, sqlx::Error> {
        sqlx::query("INSERT INTO orders VALUES ($1)")
            .bind(self.placed)
            .execute(&mut tx)
            .await?;
        self.log(&mut tx).await?;
        Ok(self.placed)
    }

    #[transactional(propagation = requires_new)]
    async fn log(&self, tx: PgTx<'_>) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO log VALUES ($1)")
            .bind(Self::TABLE)
            .execute(&mut tx)
            .await
            .map(drop)
    }

    #[transactional]
    async fn count(&mut self, tx: PgTx<'_>) -> Result<(), sqlx::Error> {
        self.placed = sqlx::query_scalar("SELECT count(*) FROM orders")
            .fetch_one(&mut tx)
            .await?;
        Ok(())
    }

    #[transactional]
    async fn finish(mut self, tx: PgTx<'_>) -> Result<Self, sqlx::Error> {
        self.placed += 1;
        self.place(&mut tx).await?;
        Ok(self)
    }

    #[transactional]
    async fn shared(self: Arc<Self>, tx: PgTx<'_>) -> Result<i64, sqlx::Error> {
        self.place(&mut tx).await
    }

    #[retry_on_conflict]
    async fn retried(self: &Arc<Self>, tx: PgTx<'_>) -> Result<i64, sqlx::Error> {
        self.place(&mut tx).await
    }

    #[transactional]
    async fn load(tx: PgTx<'_>) -> Result<Self, sqlx::Error> {
        let placed = sqlx::query_scalar("SELECT count(*) FROM orders")
            .fetch_one(&mut tx)
            .await?;
        Ok(Self { placed })
    }

    #[transactional]
    async fn name<'a>(&'a self, tx: PgTx<'_>, name: &'a str) -> Result<&'a str, sqlx::Error> {
        self.place(&mut tx).await?;
        Ok(name)
    }
}

struct Store<T> {
    items: Vec<T>,
}

impl<T: Clone + Send + Sync> Store<T> {
    #[transactional]
    async fn first(&self, tx: PgTx<'_>) -> Result<Option<T>, sqlx::Error> {
        sqlx::query("SELECT 1").execute(&mut tx).await?;
        Ok(self.items.first().cloned())
    }
}

async fn callers(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut orders = Orders::load(pool).await?;
    orders.count(pool).await?;
    orders.name(pool, "name").await?;
    let orders = Arc::new(orders.finish(pool).await?);
    orders.retried(pool).await?;
    orders.shared(pool).await?;
    Store { items: vec![1] }.first(pool).await.map(drop)
}
