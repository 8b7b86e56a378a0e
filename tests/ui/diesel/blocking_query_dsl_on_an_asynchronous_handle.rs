use diesel::prelude::*;
use txkit::{diesel_async::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
async fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    diesel::delete(stock::table.find(id)).execute(&mut tx).await
}

fn main() {}
