//! Patterns, `mut` bindings, unused and raw names; with and without a retry.

use txkit::{retry_on_conflict, sqlx::PgTx, transactional};

#[derive(Clone)]
struct Order {
    id: i64,
    names: Vec<String>,
}

#[transactional]
async fn once(
    tx: PgTx<'_>,
    Order { id, mut names }: Order,
    (first, _): (i64, i64),
    mut count: usize,
    r#type: &str,
    _unused: i64,
    _: &str,
) -> Result<usize, sqlx::Error> {
    names.push(r#type.to_owned());
    count += names.len();
    sqlx::query("INSERT INTO orders VALUES ($1, $2)")
        .bind(id)
        .bind(first)
        .execute(&mut tx)
        .await?;
    Ok(count)
}

#[retry_on_conflict]
async fn again(
    tx: PgTx<'_>,
    Order { id, mut names }: Order,
    (first, _): (i64, i64),
    mut count: usize,
    r#type: &str,
    _unused: i64,
    _: &str,
) -> Result<usize, sqlx::Error> {
    names.push(r#type.to_owned());
    count += names.len();
    sqlx::query("INSERT INTO orders VALUES ($1, $2)")
        .bind(id)
        .bind(first)
        .execute(&mut tx)
        .await?;
    Ok(count)
}

#[transactional]
async fn mutable(tx: PgTx<'_>, names: &mut Vec<String>) -> Result<(), sqlx::Error> {
    *names = sqlx::query_scalar("SELECT name FROM orders")
        .fetch_all(&mut tx)
        .await?;
    Ok(())
}

#[transactional]
async fn r#move(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await.map(drop)
}

async fn callers(pool: &sqlx::PgPool, order: Order) -> Result<usize, sqlx::Error> {
    mutable(pool, &mut Vec::new()).await?;
    r#move(pool).await?;
    once(pool, order.clone(), (1, 2), 3, "type", 4, "").await?;
    again(pool, order, (1, 2), 3, "type", 4, "").await
}
