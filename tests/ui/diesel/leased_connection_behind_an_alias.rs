use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, PooledConnection};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

type DbConn = PooledConnection<ConnectionManager<PgConnection>>;

#[txkit::transactional]
fn reserve(conn: &mut DbConn, id: i64) -> QueryResult<usize> {
    diesel::delete(stock::table.find(id)).execute(conn)
}

fn main() {}
