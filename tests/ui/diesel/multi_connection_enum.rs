use diesel::prelude::*;
use txkit::transactional;

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[derive(diesel::MultiConnection)]
enum AnyConnection {
    Pg(diesel::PgConnection),
    Sqlite(diesel::SqliteConnection),
}

#[transactional]
fn reserve(conn: &mut AnyConnection, id: i64) -> QueryResult<usize> {
    diesel::update(stock::table.find(id))
        .set(stock::free.eq(stock::free - 1))
        .execute(conn)
}

fn main() {}
