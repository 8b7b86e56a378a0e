use sqlx::PgConnection;
use txkit::retry_on_conflict;

struct Failed;

impl From<sqlx::Error> for Failed {
    fn from(_: sqlx::Error) -> Self {
        Self
    }
}

impl From<txkit::Error> for Failed {
    fn from(_: txkit::Error) -> Self {
        Self
    }
}

#[retry_on_conflict]
async fn place(conn: &mut PgConnection, id: i64) -> Result<(), Failed> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

fn main() {}
