use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    tx.transaction(|_nested| {
        diesel::update(stock::table.find(id))
            .set(stock::free.eq(stock::free - 1))
            .execute(&mut tx)
    })
}

fn main() {}
