use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use txkit::{diesel_async::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<()> {
    let _later = diesel::update(stock::table.find(id))
        .set(stock::free.eq(stock::free - 1))
        .execute(&mut tx);
    Ok(())
}

fn main() {}
