use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[txkit::transactional]
fn reserve(pool: &Pool<ConnectionManager<PgConnection>>, id: i64) -> QueryResult<usize> {
    diesel::delete(stock::table.find(id)).execute(&mut pool.get().unwrap())
}

fn main() {}
