use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn reserve(sku: &str, tx: &mut PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM stock WHERE sku = $1")
        .bind(sku)
        .execute(tx)
        .await
        .map(drop)
}

fn main() {}
