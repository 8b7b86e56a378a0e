use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    let conn = tx.with_conn(async |conn| Ok(conn)).await?;
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(conn)
        .await
        .map(drop)
}

fn main() {}
