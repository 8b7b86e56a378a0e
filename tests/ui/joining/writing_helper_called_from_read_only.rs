use txkit::read_only;
use txkit::sqlx::{SqliteReadTx, SqliteTx};

async fn record_view(tx: &mut SqliteTx<'_>, page: i64) -> Result<(), sqlx::Error> {
    let sql = "UPDATE page SET views = views + 1 WHERE id = ?";
    sqlx::query(sql).bind(page).execute(tx).await.map(drop)
}

#[read_only]
async fn show(tx: SqliteReadTx<'_>, page: i64) -> Result<(), sqlx::Error> {
    record_view(&mut tx, page).await
}

fn main() {}
