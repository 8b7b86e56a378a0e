use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    diesel::delete(stock::table.find(id)).execute(tx)?;
    diesel::delete(stock::table.find(id + 1)).execute(tx)
}

fn main() {}
