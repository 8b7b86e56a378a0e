use txkit::{sqlx::SqliteTx, transactional};

#[transactional]
async fn touch(tx: SqliteTx<'_>, id: i64) -> Option<u64> {
    let sql = "UPDATE account SET seen = 1 WHERE id = ?";
    let done = sqlx::query(sql).bind(id).execute(&mut tx).await;
    done.ok().map(|done| done.rows_affected())
}

fn main() {}
