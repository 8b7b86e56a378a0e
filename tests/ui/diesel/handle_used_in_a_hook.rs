use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<()> {
    tx.after_commit(|| drop(diesel::delete(stock::table.find(id)).execute(&mut tx)));
    Ok(())
}

fn main() {}
