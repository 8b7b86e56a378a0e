//! The same engine by hand: closures, options in a constant, the guard.

use std::time::Duration;

use sqlx::PgPool;
use txkit::sqlx::PgTx;
use txkit::{Definition, Isolation, Retry, transactional};

static STRICT: Definition = Definition::new("strict", file!(), line!())
    .isolation(Isolation::Serializable)
    .timeout(Duration::from_secs(5))
    .retry(Retry::new().attempts(3));

#[transactional]
async fn charge(tx: PgTx<'_>, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO charge VALUES ($1)")
        .bind(name)
        .execute(&mut tx)
        .await
        .map(drop)
}

async fn closures(pool: &PgPool, name: String) -> Result<usize, sqlx::Error> {
    txkit::transaction(pool, async |tx: &mut PgTx<'_>| charge(tx, &name).await).await?;
    txkit::transaction(pool, async |tx| {
        charge(&mut *tx, &name).await?;
        txkit::transaction(tx, async |tx: &mut PgTx<'_>| charge(tx, "inner").await).await
    })
    .await?;
    STRICT
        .run(pool, async |tx: &mut PgTx<'_>| {
            charge(tx, &name).await.map(|()| name.len())
        })
        .await
}

async fn guard(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut open = txkit::begin(pool).await?;
    charge(&mut open.tx(), "name").await?;
    open.commit().await?;
    txkit::begin(pool).await?.rollback().await?;
    Ok(())
}

fn spawned(pool: PgPool) {
    tokio::spawn(async move {
        guard(&pool).await?;
        closures(&pool, "name".into()).await
    });
}
