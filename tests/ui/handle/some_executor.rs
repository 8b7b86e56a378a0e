use sqlx::PgExecutor;
use txkit::transactional;

#[transactional]
async fn reserve(db: impl PgExecutor<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(db)
        .await
        .map(drop)
}

fn main() {}
