use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>, items: Vec<i64>) -> Result<(), sqlx::Error> {
    while let Some(item) = items.pop() {
        sqlx::query("INSERT INTO orders VALUES ($1)")
            .bind(item)
            .execute(&mut tx)
            .await?;
    }
    Ok(())
}

fn main() {}
