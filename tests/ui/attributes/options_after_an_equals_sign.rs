use txkit::{read_only, sqlx::PgReadTx, transactional};

#[transactional]
#[read_only = "yes"]
async fn count(tx: PgReadTx<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM orders")
        .fetch_one(&mut tx)
        .await
}

fn main() {}
