use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use txkit::{diesel_async::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
async fn move_one(tx: PgTx<'_>, from: i64, to: i64) -> QueryResult<()> {
    let taken = diesel::update(stock::table.find(from)).set(stock::free.eq(stock::free - 1));
    let given = diesel::update(stock::table.find(to)).set(stock::free.eq(stock::free + 1));
    futures_util::try_join!(taken.execute(&mut tx), given.execute(&mut tx))?;
    Ok(())
}

fn main() {}
