use sqlx::PgPool;
use txkit::sqlx::PgTx;

struct Refused;

async fn place(pool: &PgPool) -> Result<(), Refused> {
    txkit::transaction(pool, async |tx: &mut PgTx<'_>| {
        let done = sqlx::query("INSERT INTO orders DEFAULT VALUES")
            .execute(tx)
            .await;
        done.map(drop).map_err(|_| Refused)
    })
    .await
}

fn main() {}
