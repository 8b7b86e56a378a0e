use txkit::{read_only, sqlx::PgReadTx, transactional};

#[read_only]
#[transactional(read_only)]
async fn place(tx: PgReadTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
