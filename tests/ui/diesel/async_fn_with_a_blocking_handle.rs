use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
async fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    diesel::update(stock::table.find(id))
        .set(stock::free.eq(stock::free - 1))
        .execute(&mut tx)
}

fn main() {}
