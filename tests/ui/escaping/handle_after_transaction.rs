use sqlx::PgPool;
use txkit::sqlx::PgTx;

async fn place(pool: &PgPool) -> Result<(), sqlx::Error> {
    let tx = txkit::transaction(pool, async |tx: &mut PgTx<'_>| Ok::<_, sqlx::Error>(tx)).await?;
    sqlx::query("INSERT INTO orders DEFAULT VALUES")
        .execute(tx)
        .await
        .map(drop)
}

fn main() {}
