use sqlx::PgPool;

async fn place(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut open = txkit::begin(pool).await?;
    let mut tx = open.tx();
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(&mut tx)
        .await?;
    open.commit().await?;
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(&mut tx)
        .await?;
    Ok(())
}

fn main() {}
