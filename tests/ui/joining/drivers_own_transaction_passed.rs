use sqlx::PgPool;
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn charge(tx: PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO charge VALUES ($1)")
        .bind(cents)
        .execute(&mut tx)
        .await
        .map(drop)
}

async fn main_job(pool: PgPool) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    charge(&mut transaction, 100).await?;
    transaction.commit().await
}

fn main() {}
