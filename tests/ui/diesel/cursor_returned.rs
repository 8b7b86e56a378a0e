use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn free(tx: PgTx<'_>) -> QueryResult<Box<dyn Iterator<Item = QueryResult<i64>>>> {
    let found = stock::table.select(stock::free);
    let rows = found.load_iter::<i64, DefaultLoadingMode>(&mut tx)?;
    Ok(Box::new(rows))
}

fn main() {}
