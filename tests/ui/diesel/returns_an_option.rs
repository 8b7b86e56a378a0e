use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn free(tx: PgTx<'_>, id: i64) -> Option<i64> {
    let found = stock::table.find(id).select(stock::free);
    found.first(&mut tx).optional().ok().flatten()
}

fn main() {}
