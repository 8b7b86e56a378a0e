use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    tx.before_commit(|tx| {
        let left: i64 = stock::table.select(stock::free).first(tx)?;
        if left < 0 { Err("sold out".into()) } else { Ok(()) }
    });
    diesel::delete(stock::table.find(id)).execute(&mut tx)
}

fn main() {}
