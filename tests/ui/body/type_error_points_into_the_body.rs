use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn count(tx: PgTx<'_>) -> Result<i64, sqlx::Error> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM orders")
        .fetch_one(&mut tx)
        .await?;
    Ok(count.to_string())
}

fn main() {}
