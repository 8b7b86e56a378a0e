//! Control flow, coercions, nested items and shadowed names in a body mean what they mean elsewhere.

use std::fmt::Debug;

use sqlx::PgPool;
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn flow(tx: PgTx<'_>, ids: &[i64]) -> Result<i64, sqlx::Error> {
    #[derive(Debug)]
    struct Found(i64);

    fn found(id: i64) -> Found {
        Found(id)
    }

    let found = 'search: {
        for &id in ids {
            if id < 0 {
                continue;
            }
            if id > 100 {
                break 'search Some(found(id));
            }
            if id == 50 {
                return Ok(id);
            }
        }
        None
    };
    let Some(Found(id)) = found else {
        return Err(sqlx::Error::RowNotFound);
    };
    let tx = &mut tx;
    sqlx::query("SELECT $1").bind(id).execute(&mut *tx).await?;
    sqlx::query("SELECT $1").bind(id).execute(tx).await?;
    Ok(id)
}

#[transactional]
async fn coerced(
    tx: PgTx<'_>,
) -> Result<Box<dyn Debug + Send>, Box<dyn std::error::Error + Send + Sync>> {
    sqlx::query("SELECT 1").execute(&mut tx).await?;
    if tx.attempt() > 3 {
        return Err("too often".into());
    }
    Ok(Box::new(1))
}

#[transactional]
async fn stream(tx: PgTx<'_>) -> Result<i64, sqlx::Error> {
    let mut sum = 0;
    let one = async { Ok::<_, sqlx::Error>(1) };
    let mut more = async |add: i64| sum += add;
    more(one.await?).await;
    sqlx::query("SELECT 1").execute(&mut tx).await?;
    Ok(sum)
}

#[transactional]
async fn moved_into_a_helper(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    helper(tx).await
}

async fn helper(mut tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

async fn callers(pool: &PgPool) -> anyhow::Result<()> {
    flow(pool, &[1]).await?;
    stream(pool).await?;
    moved_into_a_helper(pool).await?;
    drop(coerced(pool).await);
    Ok(())
}
