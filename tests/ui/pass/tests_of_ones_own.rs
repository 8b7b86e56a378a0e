//! Production code under `txkit::test`.

use sqlx::PgPool;
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn deposit(tx: PgTx<'_>, cents: i64) -> Result<i64, sqlx::Error> {
    sqlx::query("UPDATE account SET cents = cents + $1")
        .bind(cents)
        .execute(&mut tx)
        .await?;
    sqlx::query_scalar("SELECT cents FROM account")
        .fetch_one(&mut tx)
        .await
}

async fn test(pool: &PgPool) -> Result<(), sqlx::Error> {
    let left = txkit::test::rolled_back(pool, async |tx| deposit(tx, 250).await).await??;
    assert_eq!(left, 250);
    Ok(())
}
