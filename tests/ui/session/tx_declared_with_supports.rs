use txkit::{sqlx::PgTx, transactional};

#[transactional(propagation = supports)]
async fn price(tx: PgTx<'_>, sku: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT cents FROM price WHERE sku = $1")
        .bind(sku)
        .fetch_one(&mut tx)
        .await
}

fn main() {}
