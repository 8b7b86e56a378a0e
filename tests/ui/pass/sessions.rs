//! Functions that may run outside a transaction, and what they can be called from.

use sqlx::PgPool;
use txkit::sqlx::{PgReadTx, PgSession, PgTx};
use txkit::{read_only, transactional};

#[transactional(propagation = supports)]
async fn price(session: PgSession<'_>, sku: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT cents FROM price WHERE sku = $1")
        .bind(sku)
        .fetch_one(&mut session)
        .await
}

#[transactional(propagation = not_supported)]
async fn log(session: PgSession<'_>) -> Result<i64, sqlx::Error> {
    price(&mut session, 1).await
}

#[transactional(propagation = never)]
async fn vacuum(session: PgSession<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("VACUUM").execute(&mut session).await.map(drop)
}

#[transactional(propagation = supports)]
async fn price_by_reference(session: &mut PgSession<'_>, sku: i64) -> Result<i64, sqlx::Error> {
    price(session, sku).await
}

#[transactional]
async fn order(tx: PgTx<'_>, sku: i64) -> Result<i64, sqlx::Error> {
    log(&mut tx).await?;
    price(&mut tx, sku).await
}

#[read_only]
async fn show(tx: PgReadTx<'_>, sku: i64) -> Result<i64, sqlx::Error> {
    price(&mut tx, sku).await
}

async fn callers(pool: &PgPool, session: &mut PgSession<'_>) -> Result<i64, sqlx::Error> {
    vacuum(pool).await?;
    Ok(price(pool, 1).await?
        + order(pool, 1).await?
        + show(pool, 1).await?
        + price_by_reference(session, 1).await?)
}
