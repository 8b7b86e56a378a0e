use txkit::{sqlx::PgTx, transactional};

#[transactional]
async fn charge(tx: PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO charge VALUES ($1)")
        .bind(cents)
        .execute(&mut tx)
        .await
        .map(drop)
}

#[transactional]
async fn order(tx: PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
    charge(&tx, cents).await
}

fn main() {}
