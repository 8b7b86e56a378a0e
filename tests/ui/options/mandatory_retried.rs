use txkit::{sqlx::PgTx, transactional};

#[transactional(propagation = mandatory, retry)]
async fn place(tx: &mut PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

fn main() {}
