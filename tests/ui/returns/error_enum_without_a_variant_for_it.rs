use txkit::{sqlx::SqliteTx, transactional};

#[derive(Debug, thiserror::Error)]
enum ShopError {
    #[error("out of stock")]
    OutOfStock,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

#[transactional]
async fn touch(tx: SqliteTx<'_>, id: i64) -> Result<(), ShopError> {
    let sql = "UPDATE account SET seen = 1 WHERE id = ?";
    let done = sqlx::query(sql).bind(id).execute(&mut tx).await;
    done?;
    Ok(())
}

fn main() {}
