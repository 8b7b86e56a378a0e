use txkit::{sqlx::PgTx, transactional};

trait Orders {
    async fn place(&self, tx: PgTx<'_>) -> Result<(), sqlx::Error>;
}

struct Stored;

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
