use diesel::prelude::*;
use txkit::transactional;

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn reserve(tx: txkit::diesel::PgTx<'_>, id: i64) -> QueryResult<usize> {
    diesel::update(stock::table.find(id))
        .set(stock::free.eq(stock::free - 1))
        .execute(&mut tx)
}

#[transactional]
async fn order(tx: txkit::diesel_async::PgTx<'_>, id: i64) -> QueryResult<usize> {
    reserve(&mut tx, id)
}

fn main() {}
