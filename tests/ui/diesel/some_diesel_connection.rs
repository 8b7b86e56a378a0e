use diesel::pg::Pg;
use diesel::prelude::*;

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[txkit::transactional]
fn reserve(conn: &mut impl Connection<Backend = Pg>, id: i64) -> QueryResult<usize> {
    diesel::delete(stock::table.find(id)).execute(conn)
}

fn main() {}
