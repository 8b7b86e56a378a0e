use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn clear(tx: PgTx<'_>) -> Result<(), diesel::ConnectionError> {
    let _ = diesel::delete(stock::table).execute(&mut tx);
    Ok(())
}

fn main() {}
