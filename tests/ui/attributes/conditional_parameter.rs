use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn place(tx: PgTx<'_>, #[cfg(test)] clock: u64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
