use txkit::serializable as strict;
use txkit::sqlx::PgTx;
use txkit::transactional;

#[transactional]
#[strict]
async fn place(tx: &mut PgTx<'_>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders VALUES ($1)")
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

fn main() {}
