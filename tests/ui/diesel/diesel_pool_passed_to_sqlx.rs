use diesel::PgConnection;
use diesel::r2d2::{ConnectionManager, Pool};
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn reserve(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(&mut tx)
        .await
        .map(drop)
}

async fn job(pool: Pool<ConnectionManager<PgConnection>>) -> Result<(), sqlx::Error> {
    reserve(&pool).await
}

fn main() {}
