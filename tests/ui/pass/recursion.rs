//! Functions that call themselves and each other.

use sqlx::PgPool;
use txkit::{retry_on_conflict, sqlx::PgTx, transactional};

#[transactional]
async fn remove(tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    let sql = "SELECT id FROM node WHERE parent = $1";
    let children: Vec<i64> = sqlx::query_scalar(sql).bind(id).fetch_all(&mut tx).await?;
    for child in children {
        Box::pin(remove(&mut tx, child)).await?;
    }
    sqlx::query("DELETE FROM node WHERE id = $1")
        .bind(id)
        .execute(&mut tx)
        .await
        .map(drop)
}

#[transactional]
async fn remove_by_reference(tx: &mut PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    if id > 0 {
        Box::pin(remove_by_reference(tx, id - 1)).await?;
    }
    Ok(())
}

#[retry_on_conflict]
async fn ping(tx: PgTx<'_>, left: u32) -> Result<(), sqlx::Error> {
    match left {
        0 => Ok(()),
        _ => Box::pin(pong(&mut tx, left - 1)).await,
    }
}

#[transactional(propagation = nested)]
async fn pong(tx: PgTx<'_>, left: u32) -> Result<(), sqlx::Error> {
    Box::pin(ping(&mut tx, left)).await
}

async fn callers(pool: &PgPool, tx: &mut PgTx<'_>) -> Result<(), sqlx::Error> {
    remove(pool, 1).await?;
    ping(pool, 2).await?;
    remove_by_reference(tx, 1).await
}
