use txkit::{sqlx::PgTx, transactional};

async fn insert(tx: &mut PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

#[transactional]
async fn place(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
    let (first, second) = tokio::join!(insert(&mut tx, 1), insert(&mut tx, 2));
    first.and(second)
}

fn main() {}
