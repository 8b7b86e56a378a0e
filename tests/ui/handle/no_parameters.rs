use txkit::transactional;

#[transactional]
async fn reserve() -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(&pool())
        .await
        .map(drop)
}

fn pool() -> sqlx::PgPool {
    unreachable!("never run")
}

fn main() {}
