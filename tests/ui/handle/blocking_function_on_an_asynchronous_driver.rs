use txkit::{sqlx::PgTx, transactional};

#[transactional]
fn reserve(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    println!("attempt {}", tx.attempt());
    Ok(())
}

fn main() {}
