//! Type, const and lifetime parameters, bounds, and functions that are generic over the engine.

use sqlx::{PgPool, SqlitePool};
use txkit::sqlx::{PgTx, SqliteTx};
use txkit::{AsyncConnection, Tx, retry_on_conflict, transactional};

#[transactional]
async fn place<'a, T, const N: usize>(
    tx: PgTx<'_>,
    items: [T; N],
    name: &'a str,
) -> Result<&'a str, sqlx::Error>
where
    T: Into<i64> + Send,
{
    for item in items {
        sqlx::query("INSERT INTO orders VALUES ($1)")
            .bind(item.into())
            .execute(&mut tx)
            .await?;
    }
    Ok(name)
}

#[retry_on_conflict]
async fn parsed<T: Default + Send>(tx: SqliteTx<'_>) -> Result<T, sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut tx).await?;
    Ok(T::default())
}

#[transactional]
async fn on_any_engine<C: AsyncConnection>(tx: Tx<'_, C>) -> Result<u32, txkit::Error> {
    tx.after_commit(|| println!("done"));
    inner(&mut tx).await?;
    Ok(tx.attempt())
}

#[transactional]
async fn inner<C>(tx: &mut Tx<'_, C>) -> Result<(), txkit::Error>
where
    C: AsyncConnection,
{
    println!("{:?}", tx.isolation());
    Ok(())
}

#[transactional]
async fn with_a_closure<F>(tx: PgTx<'_>, each: F) -> Result<(), sqlx::Error>
where
    F: AsyncFn(&mut PgTx<'_>) -> Result<(), sqlx::Error>,
{
    each(&mut tx).await?;
    each(&mut tx).await
}

async fn callers(pool: &PgPool, lite: &SqlitePool) -> Result<(), sqlx::Error> {
    place(pool, [1_i32, 2], "name").await?;
    place::<i32, 2>(pool, [1, 2], "name").await?;
    let _: u8 = parsed(lite).await?;
    on_any_engine(pool).await?;
    on_any_engine(lite).await?;
    with_a_closure(pool, async |tx| {
        sqlx::query("SELECT 1").execute(tx).await.map(drop)
    })
    .await
}
