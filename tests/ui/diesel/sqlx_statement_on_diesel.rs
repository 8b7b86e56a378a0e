use txkit::{diesel_async::PgTx, transactional};

#[transactional]
async fn reserve(tx: PgTx<'_>, id: i64) -> Result<(), txkit::BoxError> {
    sqlx::query("DELETE FROM stock WHERE id = $1").bind(id).execute(&mut tx).await?;
    Ok(())
}

fn main() {}
