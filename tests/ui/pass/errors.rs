//! Error types that can carry a commit that failed, and patterns of them.

use sqlx::PgPool;
use txkit::{retry_on_conflict, sqlx::PgTx, transactional};

#[derive(Debug, thiserror::Error)]
enum ShopError {
    #[error("out of stock")]
    OutOfStock,
    #[error("declined: {0}")]
    Declined(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Transaction(#[from] txkit::Error),
}

#[transactional(commit_on(ShopError::Declined(_)), no_mark(ShopError::OutOfStock))]
#[retry_on_conflict(also(ShopError::OutOfStock | ShopError::Declined(_)))]
async fn shop(tx: PgTx<'_>) -> Result<(), ShopError> {
    sqlx::query("SELECT 1").execute(&mut tx).await?;
    Err(ShopError::OutOfStock)
}

#[transactional(commit_on(_))]
async fn always(tx: PgTx<'_>) -> Result<(), ShopError> {
    shop(&mut tx).await?;
    Err(ShopError::Declined("no".into()))
}

#[retry_on_conflict]
async fn anyhow(tx: PgTx<'_>) -> anyhow::Result<()> {
    sqlx::query("SELECT 1").execute(&mut tx).await?;
    anyhow::bail!("no")
}

#[transactional]
async fn boxed(tx: PgTx<'_>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    sqlx::query("SELECT 1").execute(&mut tx).await?;
    Err("no".into())
}

#[transactional]
async fn own(tx: PgTx<'_>) -> Result<(), txkit::Error> {
    tx.set_rollback_only();
    Ok(())
}

type Answer<T = ()> = Result<T, ShopError>;

#[transactional]
async fn alias(tx: PgTx<'_>) -> Answer {
    shop(&mut tx).await
}

/// An error that is neither `Debug` nor `Display`.
struct Silent;

impl From<txkit::Error> for Silent {
    fn from(_: txkit::Error) -> Self {
        Self
    }
}

#[transactional]
async fn silent(tx: PgTx<'_>) -> Result<(), Silent> {
    tx.set_rollback_only();
    Err(Silent)
}

#[transactional]
async fn diverging(tx: PgTx<'_>) -> Result<(), ShopError> {
    tx.set_rollback_only();
    panic!("no")
}

async fn callers(pool: &PgPool) -> anyhow::Result<()> {
    always(pool).await?;
    anyhow(pool).await?;
    own(pool).await?;
    alias(pool).await?;
    let _ = boxed(pool).await;
    let _ = silent(pool).await;
    let _ = diverging(pool).await;
    Ok(())
}
