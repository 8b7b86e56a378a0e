use diesel::pg::Pg;
use diesel::prelude::*;

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[txkit::transactional]
fn reserve<C: Connection<Backend = Pg>>(conn: &mut C, id: i64) -> QueryResult<usize> {
    diesel::delete(stock::table.find(id)).execute(conn)
}

fn main() {}
