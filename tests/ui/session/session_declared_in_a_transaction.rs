use txkit::{sqlx::PgSession, transactional};

#[transactional]
async fn reserve(session: PgSession<'_>, sku: i64) -> Result<(), sqlx::Error> {
    let sql = "UPDATE stock SET free = free - 1 WHERE sku = $1";
    sqlx::query(sql)
        .bind(sku)
        .execute(&mut session)
        .await
        .map(drop)
}

fn main() {}
