use txkit::{sqlx::SqliteTx, transactional};

#[transactional]
async fn touch(tx: SqliteTx<'_>, id: i64) -> Result<u64, String> {
    let sql = "UPDATE account SET seen = 1 WHERE id = ?";
    let done = sqlx::query(sql).bind(id).execute(&mut tx).await;
    done.map(|done| done.rows_affected())
        .map_err(|error| error.to_string())
}

fn main() {}
