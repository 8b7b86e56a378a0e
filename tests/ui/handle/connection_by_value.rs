use sqlx::PgConnection;
use txkit::transactional;

#[transactional]
async fn reserve(mut conn: PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(&mut conn)
        .await
        .map(drop)
}

fn main() {}
