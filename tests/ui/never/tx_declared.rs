use txkit::{sqlx::PgTx, transactional};

#[transactional(propagation = never)]
async fn vacuum(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("VACUUM").execute(&mut tx).await.map(drop)
}

fn main() {}
