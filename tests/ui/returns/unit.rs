use txkit::{sqlx::SqliteTx, transactional};

#[transactional]
async fn touch(tx: SqliteTx<'_>, id: i64) {
    let sql = "UPDATE account SET seen = 1 WHERE id = ?";
    let done = sqlx::query(sql).bind(id).execute(&mut tx).await;
    drop(done);
}

fn main() {}
