use txkit::{retry_on_conflict, sqlx::PgTx};

#[retry_on_conflict]
async fn place(tx: &mut PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

fn main() {}
