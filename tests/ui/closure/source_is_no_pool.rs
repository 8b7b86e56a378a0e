use txkit::sqlx::PgTx;

async fn place(url: &str) -> Result<(), sqlx::Error> {
    txkit::transaction(url, async |tx: &mut PgTx<'_>| {
        sqlx::query("INSERT INTO orders DEFAULT VALUES")
            .execute(tx)
            .await
            .map(drop)
    })
    .await
}

fn main() {}
