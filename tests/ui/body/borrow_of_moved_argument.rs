use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>, customer: String) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(customer)
        .execute(&mut tx)
        .await?;
    println!("{customer}");
    Ok(())
}

fn main() {}
