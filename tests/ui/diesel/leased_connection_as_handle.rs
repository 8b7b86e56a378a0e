use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, PooledConnection};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[txkit::transactional]
fn reserve(conn: &mut PooledConnection<ConnectionManager<PgConnection>>, id: i64) -> QueryResult<usize> {
    diesel::delete(stock::table.find(id)).execute(conn)
}

fn main() {}
