use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use txkit::{diesel_async::SqliteReadTx, read_only, serializable};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[serializable]
#[read_only(deferrable)]
async fn free(tx: SqliteReadTx<'_>) -> QueryResult<Vec<i64>> {
    stock::table.select(stock::free).load(&mut tx).await
}

fn main() {}
