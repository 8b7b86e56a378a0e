use diesel::prelude::*;
use txkit::diesel::{PgReadTx, PgTx};
use txkit::{read_only, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    diesel::update(stock::table.find(id))
        .set(stock::free.eq(stock::free - 1))
        .execute(&mut tx)
}

#[read_only]
fn show(tx: PgReadTx<'_>, id: i64) -> QueryResult<i64> {
    reserve(&mut tx, id)?;
    stock::table.select(stock::free).first(&mut tx)
}

fn main() {}
