use sqlx::PgConnection;
use txkit::{sqlx::PgTx, transactional};

#[transactional(durable)]
async fn pay(tx: PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO payment VALUES ($1)")
        .bind(cents)
        .execute(&mut tx)
        .await
        .map(drop)
}

async fn replay_journal(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    pay(conn, 100).await
}

fn main() {}
