//! `#[read_only]` on a handle that can write, behind a name that does not tell.

use txkit::sqlx::PgTx;

type Db<'a> = PgTx<'a>;

#[txkit::read_only]
async fn report(db: Db<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM orders").fetch_one(&mut db).await
}

fn main() {}
