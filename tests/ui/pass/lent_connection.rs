//! The driver's own connection, lent.

use sqlx::{Connection as _, PgConnection, PgPool};
use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn import(tx: PgTx<'_>, name: &str) -> Result<u64, sqlx::Error> {
    let rows = tx.with_conn(async |conn| copy(conn, name).await).await?;
    tx.with_conn(async |conn: &mut PgConnection| conn.ping().await)
        .await?;
    tx.with_conn(PgConnection::ping).await?;
    Ok(rows)
}

async fn copy(conn: &mut PgConnection, name: &str) -> Result<u64, sqlx::Error> {
    let mut inner = conn.begin().await?;
    let done = sqlx::query("INSERT INTO t VALUES ($1)")
        .bind(name)
        .execute(&mut *inner)
        .await?;
    inner.commit().await?;
    Ok(done.rows_affected())
}

fn spawned(pool: PgPool) {
    tokio::spawn(async move { import(&pool, "name").await });
}
