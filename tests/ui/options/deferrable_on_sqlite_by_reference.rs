use sqlx::SqliteConnection;
use txkit::transactional;

#[transactional(read_only, isolation = serializable, deferrable)]
async fn place(conn: &mut SqliteConnection, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(conn)
        .await
        .map(drop)
}

fn main() {}
