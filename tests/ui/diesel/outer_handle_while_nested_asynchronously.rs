use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use txkit::{diesel_async::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
async fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    tx.transaction(async |_nested| {
        diesel::update(stock::table.find(id))
            .set(stock::free.eq(stock::free - 1))
            .execute(&mut tx)
            .await
    })
    .await
}

fn main() {}
