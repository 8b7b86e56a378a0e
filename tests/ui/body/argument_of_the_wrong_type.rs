use sqlx::PgPool;
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(&mut tx)
        .await
        .map(drop)
}

async fn job(pool: PgPool) -> Result<(), sqlx::Error> {
    place(&pool, "1").await
}

fn main() {}
