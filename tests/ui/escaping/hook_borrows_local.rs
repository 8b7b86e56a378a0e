use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>, customer: String) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(&customer)
        .execute(&mut tx)
        .await?;
    tx.after_commit(|| println!("thank you, {customer}"));
    Ok(())
}

fn main() {}
