//! What the prelude brings is enough to annotate.

use sqlx::{PgConnection, PgPool};
use txkit::prelude::*;

#[transactional]
#[retry_on_conflict]
async fn place(tx: Tx<'_, PgConnection>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

#[read_only]
async fn count(tx: ReadTx<'_, PgConnection>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

#[serializable]
async fn strict(tx: Tx<'_, PgConnection>) -> Result<(), sqlx::Error> {
    count(&mut tx).await
}

#[transactional(propagation = supports)]
async fn look(session: Session<'_, PgConnection>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1")
        .execute(&mut session)
        .await
        .map(drop)
}

async fn callers(pool: &PgPool) -> Result<(), sqlx::Error> {
    place(pool).await?;
    strict(pool).await?;
    look(pool).await
}
