use txkit::{sqlx::PgTx, transactional};

#[transactional]
const fn place(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    Ok(())
}

fn main() {}
