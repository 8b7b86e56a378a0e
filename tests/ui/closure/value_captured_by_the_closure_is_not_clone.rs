use sqlx::PgPool;
use txkit::sqlx::PgTx;

struct Order {
    id: i64,
}

async fn place(pool: &PgPool, order: Order) -> Result<(), sqlx::Error> {
    txkit::transaction(pool, async move |tx: &mut PgTx<'_>| {
        let done = sqlx::query("INSERT INTO orders VALUES ($1)")
            .bind(order.id)
            .execute(tx)
            .await?;
        drop(order);
        Ok(drop(done))
    })
    .await
}

fn main() {}
