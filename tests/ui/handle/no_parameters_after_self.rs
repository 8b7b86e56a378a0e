use sqlx::PgPool;
use txkit::transactional;

struct Stock {
    pool: PgPool,
}

impl Stock {
    #[transactional]
    async fn reserve(&self) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE stock SET free = free - 1")
            .execute(&self.pool)
            .await
            .map(drop)
    }
}

fn main() {}
