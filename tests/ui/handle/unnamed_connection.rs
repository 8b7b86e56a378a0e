use sqlx::Connection;
use txkit::transactional;

#[transactional]
async fn reserve(conn: &mut impl Connection) -> Result<(), sqlx::Error> {
    conn.ping().await
}

fn main() {}
