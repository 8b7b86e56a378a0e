use sqlx::MySqlPool;
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn reserve(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(&mut tx)
        .await
        .map(drop)
}

async fn job(pool: MySqlPool) -> Result<(), sqlx::Error> {
    reserve(&pool).await
}

fn main() {}
