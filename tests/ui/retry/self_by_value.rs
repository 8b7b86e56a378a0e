use txkit::{retry_on_conflict, sqlx::PgTx};

struct Order {
    id: i64,
}

impl Order {
    #[retry_on_conflict]
    async fn place(self, tx: PgTx<'_>) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO orders VALUES ($1)")
            .bind(self.id)
            .execute(&mut tx)
            .await
            .map(drop)
    }
}

fn main() {}
