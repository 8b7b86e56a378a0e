use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use txkit::{diesel_async::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
async fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    tx.with_conn_blocking(|conn| diesel::delete(stock::table.find(id)).execute(conn))
}

fn main() {}
