use diesel::prelude::*;
use txkit::{diesel::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

async fn notify(_: i64) {}

#[transactional]
fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    tx.after_commit(async move || notify(id).await);
    diesel::delete(stock::table.find(id)).execute(&mut tx)
}

fn main() {}
