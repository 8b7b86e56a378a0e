use sqlx::PgPool;
use txkit::transactional;

#[transactional]
async fn reserve(pool: PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(&pool)
        .await
        .map(drop)
}

fn main() {}
