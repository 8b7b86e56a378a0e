//! Functions that only join: the signature is as written.

use txkit::sqlx::{PgReadTx, PgTx};
use txkit::{read_only, transactional};

#[transactional]
async fn charge(tx: &mut PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO charge VALUES ($1)")
        .bind(cents)
        .execute(&mut *tx)
        .await?;
    log(tx).await
}

#[transactional(propagation = mandatory)]
async fn log(tx: &mut PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO log DEFAULT VALUES")
        .execute(tx)
        .await
        .map(drop)
}

#[transactional(propagation = nested)]
async fn try_charge(tx: &mut PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    charge(tx, cents).await
}

#[read_only]
async fn count(tx: &mut PgReadTx<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM charge")
        .fetch_one(tx)
        .await
}

#[transactional]
async fn total(tx: PgTx<'_>) -> Result<i64, sqlx::Error> {
    charge(&mut tx, 1).await?;
    try_charge(&mut tx, 2).await?;
    let charge: fn(_, _) -> _ = |tx, cents| charge(tx, cents);
    charge(&mut tx, 3).await?;
    Ok(0)
}

async fn callers(pool: &sqlx::PgPool, reader: &mut PgReadTx<'_>) -> Result<i64, sqlx::Error> {
    Ok(total(pool).await? + count(reader).await?)
}
