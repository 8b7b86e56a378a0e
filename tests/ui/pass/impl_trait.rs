//! `impl Trait` in arguments and in the returned value.

use sqlx::PgPool;
use txkit::{retry_on_conflict, sqlx::PgTx, transactional};

#[transactional]
async fn place(
    tx: PgTx<'_>,
    name: impl Into<String>,
) -> Result<impl Iterator<Item = i64>, sqlx::Error> {
    let sql = "SELECT id FROM orders WHERE name = $1";
    let ids: Vec<i64> = sqlx::query_scalar(sql)
        .bind(name.into())
        .fetch_all(&mut tx)
        .await?;
    Ok(ids.into_iter())
}

#[retry_on_conflict]
async fn retried(
    tx: PgTx<'_>,
    names: impl IntoIterator<Item = String> + Clone,
) -> Result<usize, sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await?;
    Ok(names.into_iter().count())
}

#[transactional]
async fn joined(tx: &mut PgTx<'_>, each: fn(i64)) -> Result<impl Fn() -> i64 + use<>, sqlx::Error> {
    sqlx::query("SELECT 1").execute(tx).await?;
    each(1);
    Ok(|| 1)
}

async fn callers(pool: &PgPool, tx: &mut PgTx<'_>) -> Result<i64, sqlx::Error> {
    let ids = place(pool, "name").await?;
    retried(pool, ["name".to_owned()]).await?;
    let one = joined(tx, |id| println!("{id}")).await?;
    Ok(ids.sum::<i64>() + one())
}
