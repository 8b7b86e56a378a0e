use diesel::prelude::*;
use txkit::{diesel::SqliteTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional(statement_timeout = "2s")]
fn free(tx: SqliteTx<'_>) -> QueryResult<Vec<i64>> {
    stock::table.select(stock::free).load(&mut tx)
}

fn main() {}
