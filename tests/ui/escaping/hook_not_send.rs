use std::rc::Rc;
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>, log: Rc<str>) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(&mut tx)
        .await?;
    tx.after_commit(move || println!("{log}"));
    Ok(())
}

fn main() {}
