use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use txkit::diesel_async::PgTx;

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

async fn reserve(tx: &mut PgTx<'_>, id: i64) -> QueryResult<usize> {
    diesel::delete(stock::table.find(id)).execute(&mut tx).await
}

fn main() {}
