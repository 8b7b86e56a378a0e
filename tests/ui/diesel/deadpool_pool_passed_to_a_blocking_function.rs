use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    diesel::update(stock::table.find(id))
        .set(stock::free.eq(stock::free - 1))
        .execute(&mut tx)
}

fn job(pool: &Pool<AsyncPgConnection>) -> QueryResult<usize> {
    reserve(pool, 7)
}

fn main() {}
