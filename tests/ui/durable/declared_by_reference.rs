use txkit::{sqlx::PgTx, transactional};

#[transactional(durable)]
async fn pay(tx: &mut PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO payment VALUES ($1)")
        .bind(cents)
        .execute(tx)
        .await
        .map(drop)
}

fn main() {}
