use sqlx::PgPool;
use txkit::{sqlx::PgTx, transactional};

#[transactional(durable)]
async fn pay(tx: PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO payment VALUES ($1)")
        .bind(cents)
        .execute(&mut tx)
        .await
        .map(drop)
}

async fn replay_journal(pool: PgPool) -> Result<(), sqlx::Error> {
    let mut conn = pool.acquire().await?;
    pay(&mut conn, 100).await
}

fn main() {}
