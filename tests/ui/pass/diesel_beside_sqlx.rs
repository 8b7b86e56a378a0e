//! Three drivers in one program, and errors that carry any of them.

use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel_async::{AsyncPgConnection, pooled_connection::bb8};
use sqlx::PgPool;
use txkit::transactional;

diesel::table! { charge (id) { id -> BigInt, cents -> BigInt } }

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Diesel(#[from] diesel::result::Error),
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
    #[error(transparent)]
    Transaction(#[from] txkit::Error),
}

#[transactional]
fn blocking(tx: txkit::diesel::PgTx<'_>) -> Result<usize, Failed> {
    Ok(diesel::delete(charge::table).execute(&mut tx)?)
}

#[transactional]
async fn awaited(tx: txkit::diesel_async::PgTx<'_>) -> Result<usize, Failed> {
    let gone = diesel::delete(charge::table);
    Ok(diesel_async::RunQueryDsl::execute(gone, &mut tx).await?)
}

#[transactional]
async fn through_sqlx(tx: txkit::sqlx::PgTx<'_>) -> Result<usize, Failed> {
    let done = sqlx::query("DELETE FROM charge").execute(&mut tx).await?;
    Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
}

#[transactional]
fn with_anyhow(tx: txkit::diesel::SqliteTx<'_>) -> anyhow::Result<usize> {
    Ok(diesel::delete(charge::table).execute(&mut tx)?)
}

async fn callers(
    blocking_pool: &Pool<ConnectionManager<PgConnection>>,
    pool: &bb8::Pool<AsyncPgConnection>,
    other: &PgPool,
    lite: &mut SqliteConnection,
) -> anyhow::Result<usize> {
    let here = blocking(blocking_pool)? + with_anyhow(lite)?;
    Ok(here + awaited(pool).await? + through_sqlx(other).await?)
}
