use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn reserve(sku: i64, tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM stock WHERE sku = $1")
        .bind(sku)
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
