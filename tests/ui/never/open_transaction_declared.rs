use txkit::{sqlx::PgTx, transactional};

#[transactional(propagation = never)]
async fn vacuum(tx: &mut PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("VACUUM").execute(tx).await.map(drop)
}

fn main() {}
