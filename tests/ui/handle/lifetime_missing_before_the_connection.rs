use sqlx::PgConnection;
use txkit::{Tx, transactional};

#[transactional]
async fn reserve(tx: Tx<PgConnection>) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
