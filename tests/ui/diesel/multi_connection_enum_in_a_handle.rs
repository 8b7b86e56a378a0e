use diesel::prelude::*;
use txkit::{Tx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[derive(diesel::MultiConnection)]
enum AnyConnection {
    Pg(diesel::PgConnection),
    Sqlite(diesel::SqliteConnection),
}

#[transactional]
fn reserve(tx: Tx<'_, AnyConnection>, id: i64) -> QueryResult<usize> {
    diesel::update(stock::table.find(id))
        .set(stock::free.eq(stock::free - 1))
        .execute(&mut tx)
}

fn main() {}
