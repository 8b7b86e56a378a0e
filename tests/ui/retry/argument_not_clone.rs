use txkit::{retry_on_conflict, sqlx::PgTx};

struct Order {
    id: i64,
}

#[retry_on_conflict]
async fn place(tx: PgTx<'_>, order: Order) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(order.id)
        .execute(&mut tx)
        .await
        .map(drop)
}

fn main() {}
