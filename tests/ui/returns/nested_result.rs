use txkit::{sqlx::SqliteTx, transactional};

struct Refused;

#[transactional]
async fn touch(tx: SqliteTx<'_>, id: i64) -> Result<Result<u64, Refused>, sqlx::Error> {
    let sql = "UPDATE account SET seen = 1 WHERE id = ?";
    let done = sqlx::query(sql).bind(id).execute(&mut tx).await;
    done.map(|done| Ok(done.rows_affected()))
}

fn main() {}
