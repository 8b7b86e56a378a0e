use sqlx::PgConnection;
use txkit::transactional;

#[transactional(propagation = mandatory)]
async fn place(conn: &mut PgConnection, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(conn)
        .await
        .map(drop)
}

fn main() {}
