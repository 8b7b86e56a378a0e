use diesel::prelude::*;
use txkit::{Tx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn reserve(tx: Tx<'_, diesel::pg::Pg>, id: i64) -> QueryResult<usize> {
    diesel::delete(stock::table.find(id)).execute(&mut tx)
}

fn main() {}
