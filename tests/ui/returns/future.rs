use std::future::Future;
use txkit::{sqlx::SqliteTx, transactional};

#[transactional]
fn touch(tx: &mut SqliteTx<'_>, id: i64) -> impl Future<Output = Result<(), sqlx::Error>> {
    async move {
        let sql = "UPDATE account SET seen = 1 WHERE id = ?";
        sqlx::query(sql).bind(id).execute(tx).await.map(drop)
    }
}

fn main() {}
