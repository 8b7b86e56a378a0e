use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    tokio::spawn(async move {
        sqlx::query("INSERT INTO orders DEFAULT VALUES")
            .execute(&mut tx)
            .await
    });
    Ok(())
}

fn main() {}
