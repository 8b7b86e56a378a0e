use std::rc::Rc;
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(&mut tx)
        .await?;
    tx.after_commit(async || {
        let log = Rc::new("placed");
        tokio::task::yield_now().await;
        println!("{log}");
    });
    Ok(())
}

fn main() {}
