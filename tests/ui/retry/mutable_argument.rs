use txkit::{retry_on_conflict, sqlx::PgTx};

#[retry_on_conflict]
async fn place(tx: PgTx<'_>, placed: &mut Vec<i64>) -> Result<(), sqlx::Error> {
    placed.push(1);
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(1)
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
