use txkit::{Tx, transactional};

#[transactional]
async fn reserve(tx: Tx<'_, sqlx::PgPool>) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE stock SET free = free - 1")
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
