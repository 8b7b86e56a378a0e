use txkit::{sqlx::PgTx, transactional};

#[transactional(commit_on(error))]
async fn place(tx: PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
