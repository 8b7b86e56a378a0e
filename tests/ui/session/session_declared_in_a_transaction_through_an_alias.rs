use txkit::{sqlx::PgSession, transactional};

type Db<'a> = PgSession<'a>;

#[transactional]
async fn reserve(db: Db<'_>, sku: i64) -> Result<(), sqlx::Error> {
    let sql = "UPDATE stock SET free = free - 1 WHERE sku = $1";
    sqlx::query(sql).bind(sku).execute(&mut db).await.map(drop)
}

fn main() {}
