use txkit::{sqlx::PgTx, transactional};

struct Stock {
    url: String,
}

impl Stock {
    #[transactional(on = self.url)]
    async fn reserve(&self, tx: PgTx<'_>) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE stock SET free = free - 1")
            .execute(&mut tx)
            .await
            .map(drop)
    }
}

fn main() {}
