use sqlx::PgPool;

async fn place(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut open = txkit::begin(pool).await?;
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(&mut open.tx())
        .await?;
    open.commit().await?;
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(&mut open.tx())
        .await?;
    Ok(())
}

fn main() {}
