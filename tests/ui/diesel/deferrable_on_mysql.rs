use diesel::prelude::*;
use txkit::{diesel::MysqlReadTx, read_only, serializable};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[serializable]
#[read_only(deferrable)]
fn free(tx: MysqlReadTx<'_>) -> QueryResult<Vec<i64>> {
    stock::table.select(stock::free).load(&mut tx)
}

fn main() {}
