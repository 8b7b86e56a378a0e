//! Readers, called from readers and from writers.

use sqlx::PgPool;
use txkit::sqlx::{PgReadTx, PgTx};
use txkit::{ReadTx, read_only, serializable, transactional};

#[read_only]
async fn count(tx: PgReadTx<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM orders")
        .fetch_one(&mut tx)
        .await
}

#[read_only(isolation = serializable, deferrable)]
async fn report(tx: ReadTx<'_, sqlx::PgConnection>) -> Result<i64, sqlx::Error> {
    Ok(count(&mut tx).await? + count(&mut tx).await?)
}

#[serializable]
#[read_only]
async fn strict(tx: PgReadTx<'_>) -> Result<i64, sqlx::Error> {
    helper(&mut tx).await
}

/// A handle that only reads, in a transaction that may have begun for writing.
#[transactional]
async fn unmarked(tx: PgReadTx<'_>) -> Result<i64, sqlx::Error> {
    helper(&mut tx).await
}

#[transactional]
async fn place(tx: PgTx<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(&mut tx)
        .await?;
    Ok(count(&mut tx).await? + unmarked(&mut tx).await?)
}

async fn helper(tx: &mut PgReadTx<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM orders")
        .fetch_one(tx)
        .await
}

async fn callers(pool: &PgPool) -> Result<i64, sqlx::Error> {
    Ok(report(pool).await? + strict(pool).await? + place(pool).await?)
}
