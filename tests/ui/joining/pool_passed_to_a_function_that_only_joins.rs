use sqlx::PgPool;
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn charge(tx: &mut PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO charge VALUES ($1)")
        .bind(cents)
        .execute(tx)
        .await
        .map(drop)
}

async fn main_job(pool: PgPool) -> Result<(), sqlx::Error> {
    charge(&pool, 100).await
}

fn main() {}
