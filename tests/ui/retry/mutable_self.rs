use txkit::{retry_on_conflict, sqlx::PgTx};

struct Orders {
    placed: i64,
}

impl Orders {
    #[retry_on_conflict]
    async fn place(&mut self, tx: PgTx<'_>) -> Result<(), sqlx::Error> {
        self.placed += 1;
        sqlx::query("INSERT INTO orders VALUES ($1)")
            .bind(self.placed)
            .execute(&mut tx)
            .await
            .map(drop)
    }
}

fn main() {}
