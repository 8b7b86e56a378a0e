use txkit::sqlx::{PgSession, PgTx};
use txkit::transactional;

#[transactional]
async fn reserve(tx: PgTx<'_>, sku: i64) -> Result<(), sqlx::Error> {
    let sql = "UPDATE stock SET free = free - 1 WHERE sku = $1";
    sqlx::query(sql).bind(sku).execute(&mut tx).await.map(drop)
}

#[transactional(propagation = supports)]
async fn browse(session: PgSession<'_>, sku: i64) -> Result<(), sqlx::Error> {
    reserve(&mut session, sku).await
}

fn main() {}
