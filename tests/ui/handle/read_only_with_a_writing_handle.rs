use txkit::{read_only, sqlx::PgTx};

#[read_only]
async fn reserve(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
