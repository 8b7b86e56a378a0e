use txkit::read_only;
use txkit::sqlx::{PgReadTx, PgTx};

#[read_only]
async fn show(tx: PgReadTx<'_>) -> Result<(), sqlx::Error> {
    txkit::transaction(&mut tx, async |tx: &mut PgTx<'_>| {
        sqlx::query("INSERT INTO orders DEFAULT VALUES")
            .execute(tx)
            .await
            .map(drop)
    })
    .await
}

fn main() {}
