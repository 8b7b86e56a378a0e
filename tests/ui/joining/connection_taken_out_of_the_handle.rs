use sqlx::PgConnection;
use txkit::{sqlx::PgTx, transactional};

async fn insert(conn: &mut PgConnection, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO charge VALUES ($1)")
        .bind(cents)
        .execute(conn)
        .await
        .map(drop)
}

#[transactional]
async fn charge(tx: PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    insert(&mut *tx, cents).await
}

fn main() {}
