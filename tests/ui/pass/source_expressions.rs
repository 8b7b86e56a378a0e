//! `on = ..`: the handle is not a parameter of the function that callers see.

use std::sync::Arc;

use sqlx::{PgPool, SqlitePool};
use txkit::sqlx::{PgReadTx, PgTx, SqliteTx};
use txkit::{read_only, retry_on_conflict, transactional};

struct Orders {
    pool: PgPool,
    shared: Arc<PgPool>,
}

impl Orders {
    #[transactional(on = self.pool)]
    async fn place(&self, tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO orders VALUES ($1)")
            .bind(id)
            .execute(&mut tx)
            .await
            .map(drop)
    }

    #[transactional(on = &self.shared)]
    #[retry_on_conflict]
    async fn replace(&self, tx: PgTx<'_>, name: String) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO orders VALUES ($1)")
            .bind(name)
            .execute(&mut tx)
            .await
            .map(drop)
    }

    #[transactional(on = self.pool())]
    async fn place_by_reference(&self, tx: &mut PgTx<'_>) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO orders DEFAULT VALUES")
            .execute(tx)
            .await
            .map(drop)
    }

    #[read_only(on = self.pool)]
    async fn count(&self, tx: PgReadTx<'_>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM orders")
            .fetch_one(&mut tx)
            .await
    }

    fn pool(&self) -> &PgPool {
        &self.pool
    }
}

#[transactional(on = pool)]
async fn pool_as_an_argument(tx: SqliteTx<'_>, pool: SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(&mut tx)
        .await
        .map(drop)
}

trait Placing {
    async fn place(&self, id: i64) -> Result<(), sqlx::Error>;
}

struct Placed(Orders);

impl Placing for Placed {
    #[transactional(on = self.0.pool)]
    async fn place(&self, tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO orders VALUES ($1)")
            .bind(id)
            .execute(&mut tx)
            .await
            .map(drop)
    }
}

async fn callers(pool: PgPool, lite: SqlitePool) -> Result<(), sqlx::Error> {
    let shared = Arc::new(pool.clone());
    let orders = Orders { pool, shared };
    orders.place(1).await?;
    orders.replace("one".into()).await?;
    orders.place_by_reference().await?;
    orders.count().await?;
    pool_as_an_argument(lite).await?;
    Placed(orders).place(1).await
}
