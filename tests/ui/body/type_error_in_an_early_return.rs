use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn count(tx: PgTx<'_>) -> Result<i64, sqlx::Error> {
    if tx.attempt() > 1 {
        return Ok("none");
    }
    sqlx::query_scalar("SELECT count(*) FROM orders")
        .fetch_one(&mut tx)
        .await
}

fn main() {}
