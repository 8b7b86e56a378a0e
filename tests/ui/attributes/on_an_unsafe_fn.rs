use txkit::{sqlx::PgTx, transactional};

#[transactional]
async unsafe fn place(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
