#![deny(unused)]

use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn charge(tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO charge VALUES ($1)")
        .bind(id)
        .execute(&mut tx)
        .await
        .map(drop)
}

#[transactional]
async fn place(tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    charge(&mut tx, id);
    Ok(())
}

fn main() {}
