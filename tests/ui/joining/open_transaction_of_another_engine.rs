use txkit::sqlx::{MySqlTx, PgTx};
use txkit::transactional;

#[transactional]
async fn archive(tx: MySqlTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO archive VALUES (?)")
        .bind(id)
        .execute(&mut tx)
        .await
        .map(drop)
}

#[transactional]
async fn close(tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    archive(&mut tx, id).await
}

fn main() {}
