use txkit::sqlx::{PgSession, PgTx};
use txkit::transactional;

#[transactional(propagation = never)]
async fn vacuum(session: PgSession<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("VACUUM").execute(&mut session).await.map(drop)
}

#[transactional]
async fn purge(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM expired").execute(&mut tx).await?;
    vacuum(&mut tx).await
}

fn main() {}
