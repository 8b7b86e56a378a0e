use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[derive(diesel::MultiConnection)]
enum AnyConnection {
    Pg(diesel::PgConnection),
    Sqlite(diesel::SqliteConnection),
}

#[transactional]
fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    diesel::update(stock::table.find(id))
        .set(stock::free.eq(stock::free - 1))
        .execute(&mut tx)
}

fn job(conn: &mut AnyConnection) -> QueryResult<usize> {
    reserve(conn, 7)
}

fn main() {}
