use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn remove(tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    let sql = "SELECT id FROM node WHERE parent = $1";
    for child in sqlx::query_scalar(sql).bind(id).fetch_all(&mut tx).await? {
        remove(&mut tx, child).await?;
    }
    sqlx::query("DELETE FROM node WHERE id = $1")
        .bind(id)
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
