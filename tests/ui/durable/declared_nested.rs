use txkit::{sqlx::PgTx, transactional};

#[transactional(durable, propagation = nested)]
async fn pay(tx: PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO payment VALUES ($1)")
        .bind(cents)
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
