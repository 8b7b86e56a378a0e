use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use txkit::{diesel_async::SqliteTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional(statement_timeout = "2s")]
async fn free(tx: SqliteTx<'_>) -> QueryResult<Vec<i64>> {
    stock::table.select(stock::free).load(&mut tx).await
}

fn main() {}
