use txkit::{sqlx::PgTx, transactional};

type Db<'a> = PgTx<'a>;

#[transactional(propagation = supports)]
async fn price(db: Db<'_>, sku: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT cents FROM price WHERE sku = $1")
        .bind(sku)
        .fetch_one(&mut db)
        .await
}

fn main() {}
