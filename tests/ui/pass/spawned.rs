//! Calls of every form are futures that can be spawned.

use sqlx::{PgConnection, PgPool};
use txkit::sqlx::{PgReadTx, PgSession, PgTx};
use txkit::{read_only, retry_on_conflict, transactional};

#[transactional]
#[retry_on_conflict]
async fn place(tx: PgTx<'_>, name: &str, order: Vec<i64>) -> Result<usize, sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(name)
        .execute(&mut tx)
        .await?;
    tx.after_commit(async || println!("placed"));
    join(&mut tx).await?;
    count(&mut tx).await?;
    Ok(order.len())
}

#[transactional]
async fn join(tx: &mut PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO log DEFAULT VALUES")
        .execute(tx)
        .await
        .map(drop)
}

#[read_only]
async fn count(tx: PgReadTx<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM orders")
        .fetch_one(&mut tx)
        .await
}

#[transactional]
async fn bare(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO log DEFAULT VALUES")
        .execute(conn)
        .await
        .map(drop)
}

#[transactional(propagation = supports)]
async fn look(session: PgSession<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1")
        .execute(&mut session)
        .await
        .map(drop)
}

struct Service {
    pool: PgPool,
}

impl Service {
    #[transactional(on = self.pool)]
    async fn run(&self, tx: PgTx<'_>) -> Result<(), sqlx::Error> {
        join(&mut tx).await
    }
}

fn all(pool: PgPool, service: Service) {
    tokio::spawn({
        let pool = pool.clone();
        async move { place(&pool, "name", vec![1]).await }
    });
    tokio::spawn(async move { service.run().await });
    tokio::spawn(async move {
        let mut conn = pool.acquire().await?;
        bare(&mut conn).await?;
        look(&mut conn).await?;
        place(&mut conn, "name", vec![1]).await?;
        txkit::transaction(&pool, async |tx: &mut PgTx<'_>| join(tx).await).await
    });
}
