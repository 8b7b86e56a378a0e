use sqlx::{Postgres, Transaction};
use txkit::transactional;

#[transactional]
async fn reserve(mut tx: Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(&mut *tx)
        .await
        .map(drop)
}

fn main() {}
