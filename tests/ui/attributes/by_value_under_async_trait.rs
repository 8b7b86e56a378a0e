use async_trait::async_trait;
use txkit::{sqlx::PgTx, transactional};

#[async_trait]
trait Orders {
    async fn place(&self, tx: PgTx<'_>) -> Result<(), sqlx::Error>;
}

struct Stored;

#[async_trait]
impl Orders for Stored {
    #[transactional]
    async fn place(&self, tx: PgTx<'_>) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO orders DEFAULT VALUES")
            .execute(&mut tx)
            .await
            .map(drop)
    }
}

fn main() {}
