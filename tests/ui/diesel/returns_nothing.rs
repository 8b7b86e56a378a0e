use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn clear(tx: PgTx<'_>) {
    diesel::delete(stock::table).execute(&mut tx).unwrap();
}

fn main() {}
