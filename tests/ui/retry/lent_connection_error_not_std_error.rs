use sqlx::PgConnection;
use txkit::retry_on_conflict;

#[retry_on_conflict]
async fn place(conn: &mut PgConnection, id: i64) -> anyhow::Result<()> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

fn main() {}
