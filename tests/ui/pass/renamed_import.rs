//! A renamed attribute alone, and above one that has its own name.

use txkit::{serializable as strict, transactional};
use txkit::{sqlx::PgTx, transactional as tx};

#[tx]
async fn alone(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

#[strict]
#[transactional]
async fn above(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    alone(&mut tx).await
}

async fn callers(pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
    above(pool).await
}
