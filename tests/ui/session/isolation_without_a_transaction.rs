use txkit::{sqlx::PgSession, transactional};

#[transactional(propagation = supports, isolation = serializable)]
async fn price(session: PgSession<'_>, sku: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT cents FROM price WHERE sku = $1")
        .bind(sku)
        .fetch_one(&mut session)
        .await
}

fn main() {}
