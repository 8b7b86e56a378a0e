use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn refill(tx: PgTx<'_>) -> QueryResult<()> {
    let all = stock::table.select(stock::id);
    for id in all.load_iter::<i64, DefaultLoadingMode>(&mut tx)? {
        let one = diesel::update(stock::table.find(id?));
        one.set(stock::free.eq(100)).execute(&mut tx)?;
    }
    Ok(())
}

fn main() {}
