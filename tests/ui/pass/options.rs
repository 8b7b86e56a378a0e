//! Every option, with every value.

use txkit::sqlx::{MySqlTx, PgReadTx, PgTx};
use txkit::transactional;

#[transactional(
    propagation = required,
    isolation = repeatable_read,
    timeout = "1m",
    statement_timeout = "2s",
    lock_timeout = "250ms",
    retry(attempts = 5, base = "500us", cap = "1s", budget = "10s", also(sqlx::Error::RowNotFound)),
    commit_on(sqlx::Error::PoolTimedOut),
    no_mark(sqlx::Error::RowNotFound),
    name = "all",
    crate = txkit,
)]
async fn all(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    plain(&mut tx).await
}

#[transactional()]
async fn plain(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

#[transactional(durable)]
async fn durable(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    plain(&mut tx).await
}

#[transactional(propagation = requires_new, isolation = read_uncommitted, retry)]
async fn new(tx: MySqlTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

#[transactional(propagation = nested, isolation = read_committed)]
async fn nested(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    plain(&mut tx).await
}

#[transactional(read_only, deferrable, isolation = serializable)]
async fn reader(tx: PgReadTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

async fn callers(pool: &sqlx::PgPool, my: &sqlx::MySqlPool) -> Result<(), sqlx::Error> {
    all(pool).await?;
    durable(pool).await?;
    nested(pool).await?;
    reader(pool).await?;
    new(my).await
}
