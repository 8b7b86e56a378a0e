use txkit::sqlx::{SqliteReadTx, SqliteTx};
use txkit::{read_only, transactional};

#[transactional]
async fn record_view(tx: SqliteTx<'_>, page: i64) -> Result<(), sqlx::Error> {
    let sql = "UPDATE page SET views = views + 1 WHERE id = ?";
    sqlx::query(sql).bind(page).execute(&mut tx).await.map(drop)
}

#[read_only]
async fn show(tx: SqliteReadTx<'_>, page: i64) -> Result<String, sqlx::Error> {
    record_view(&mut tx, page).await?;
    let sql = "SELECT body FROM page WHERE id = ?";
    sqlx::query_scalar(sql).bind(page).fetch_one(&mut tx).await
}

fn main() {}
