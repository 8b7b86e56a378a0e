use txkit::{sqlx::SqliteTx, transactional};

#[transactional]
async fn touch(tx: SqliteTx<'_>, id: i64) -> std::io::Result<u64> {
    let sql = "UPDATE account SET seen = 1 WHERE id = ?";
    let done = sqlx::query(sql).bind(id).execute(&mut tx).await;
    done.map(|done| done.rows_affected())
        .map_err(std::io::Error::other)
}

fn main() {}
