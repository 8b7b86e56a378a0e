use txkit::{sqlx::PgTx, transactional};

struct Orders;

#[transactional]
impl Orders {
    async fn place(&self, tx: &mut PgTx<'_>) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO orders DEFAULT VALUES")
            .execute(tx)
            .await
            .map(drop)
    }
}

fn main() {}
