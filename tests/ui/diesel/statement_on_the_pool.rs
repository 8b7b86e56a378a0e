use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

type DbPool = Pool<ConnectionManager<PgConnection>>;

#[transactional]
fn reserve(tx: PgTx<'_>, pool: DbPool, id: i64) -> QueryResult<usize> {
    let mut pool = pool;
    diesel::delete(stock::table.find(id)).execute(&mut tx)?;
    diesel::delete(stock::table.find(id + 1)).execute(&mut pool)
}

fn main() {}
