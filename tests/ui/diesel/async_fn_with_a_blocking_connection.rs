use diesel::prelude::*;

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[txkit::transactional]
async fn reserve(conn: &mut PgConnection, id: i64) -> QueryResult<usize> {
    diesel::update(stock::table.find(id))
        .set(stock::free.eq(stock::free - 1))
        .execute(conn)
}

fn main() {}
