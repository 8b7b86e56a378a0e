//! Attributes in every order, among each other and among those of others.

use tracing::instrument;
use txkit::sqlx::{PgReadTx, PgTx};
use txkit::{read_only, retry_on_conflict, serializable, transactional};

#[transactional]
#[retry_on_conflict(attempts = 5)]
async fn a(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

#[retry_on_conflict(attempts = 5)]
#[transactional(timeout = "5s")]
async fn b(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

#[serializable]
#[retry_on_conflict]
#[transactional]
async fn c(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

#[retry_on_conflict]
#[read_only]
#[serializable(deferrable)]
#[transactional]
async fn d(tx: PgReadTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

#[txkit::transactional]
#[txkit::serializable]
async fn e(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

#[instrument(skip_all)]
#[transactional]
async fn f(tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT $1")
        .bind(id)
        .execute(&mut tx)
        .await
        .map(drop)
}

/// Documented.
#[must_use]
#[transactional]
#[instrument(level = "debug", skip(tx))]
#[retry_on_conflict]
#[allow(unused_variables)]
pub async fn g(tx: PgTx<'_>, id: i64, note: String) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT $1")
        .bind(id)
        .execute(&mut tx)
        .await
        .map(drop)
}

#[transactional]
#[instrument]
async fn h(tx: &mut PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT $1")
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

struct Service;

impl Service {
    #[instrument(skip(self))]
    #[retry_on_conflict]
    #[transactional]
    async fn i(&self, tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT $1")
            .bind(id)
            .execute(&mut tx)
            .await
            .map(drop)
    }
}

async fn callers(pool: &sqlx::PgPool, tx: &mut PgTx<'_>) -> Result<(), sqlx::Error> {
    a(pool).await?;
    b(pool).await?;
    c(pool).await?;
    d(pool).await?;
    e(pool).await?;
    f(pool, 1).await?;
    g(pool, 1, String::new()).await?;
    h(tx, 1).await?;
    Service.i(pool, 1).await
}
