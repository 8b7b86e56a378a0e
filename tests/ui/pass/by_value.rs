//! The usual form, and everything that its callers can pass.

use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use txkit::{Tx, sqlx::PgTx, transactional};

#[transactional]
async fn charge(tx: PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    insert(&mut tx, cents).await?;
    insert(&mut tx, -cents).await
}

#[transactional]
async fn charge_by_type(tx: Tx<'_, PgConnection>, cents: i64) -> Result<(), sqlx::Error> {
    charge(&mut tx, cents).await
}

#[transactional]
async fn charge_with_mut(mut tx: PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    charge(&mut tx, cents).await
}

#[transactional]
async fn charge_with_a_lifetime<'a>(tx: PgTx<'a>, name: &'a str) -> Result<&'a str, sqlx::Error> {
    insert(&mut tx, 1).await?;
    Ok(name)
}

#[transactional]
async fn nothing(_: PgTx<'_>) -> Result<(), sqlx::Error> {
    Ok(())
}

#[transactional]
async fn nothing_named(_tx: PgTx<'_>, _unused: i64) -> Result<(), sqlx::Error> {
    Ok(())
}

async fn insert(tx: &mut PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO charge VALUES ($1)")
        .bind(cents)
        .execute(tx)
        .await
        .map(drop)
}

async fn callers(
    pool: PgPool,
    shared: Arc<PgPool>,
    leased: &mut PoolConnection<Postgres>,
    conn: &mut PgConnection,
    theirs: &mut Transaction<'_, Postgres>,
    ours: &mut PgTx<'_>,
) -> Result<(), sqlx::Error> {
    charge(&pool, 1).await?;
    charge(&shared, 1).await?;
    charge(&mut *leased, 1).await?;
    charge(leased, 1).await?;
    charge(&mut *conn, 1).await?;
    charge(conn, 1).await?;
    charge(&mut **theirs, 1).await?;
    charge(&mut *ours, 1).await?;
    charge(ours, 1).await?;
    charge_by_type(&pool, 1).await?;
    charge_with_mut(&pool, 1).await?;
    charge_with_a_lifetime(&pool, "name").await?;
    nothing(&pool).await?;
    nothing_named(&pool, 1).await
}
