use sqlx::PgPool;
use std::rc::Rc;
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    let log = Rc::new(id);
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(&mut tx)
        .await?;
    println!("{log}");
    Ok(())
}

fn job(pool: PgPool) {
    tokio::spawn(async move { place(&pool, 1).await });
}

fn main() {}
