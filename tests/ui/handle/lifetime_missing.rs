use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn reserve(tx: PgTx) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
