use txkit::{Tx, transactional};

#[transactional]
async fn reserve<C>(tx: Tx<'_, C>) -> Result<(), txkit::Error> {
    println!("attempt {}", tx.attempt());
    Ok(())
}

fn main() {}
