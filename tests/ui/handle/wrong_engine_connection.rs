use sqlx::SqliteConnection;
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn reserve(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(&mut tx)
        .await
        .map(drop)
}

async fn job(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    reserve(conn).await
}

fn main() {}
