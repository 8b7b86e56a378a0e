use sqlx::MySqlPool;
use txkit::{sqlx::PgTx, transactional};

struct Stock {
    pool: MySqlPool,
}

impl Stock {
    #[transactional(on = self.pool)]
    async fn reserve(&self, tx: PgTx<'_>) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE stock SET free = free - 1")
            .execute(&mut tx)
            .await
            .map(drop)
    }
}

fn main() {}
