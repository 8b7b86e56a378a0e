use txkit::{sqlx::PgTx, transactional};

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct ShopError(#[from] txkit::Error);

#[transactional]
async fn place(tx: PgTx<'_>, cents: &str) -> Result<i64, ShopError> {
    let cents: i64 = cents.parse()?;
    println!("attempt {}", tx.attempt());
    Ok(cents)
}

fn main() {}
