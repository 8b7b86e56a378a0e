use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel_async::RunQueryDsl;
use txkit::{diesel_async::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
async fn reserve(tx: PgTx<'_>, id: i64) -> QueryResult<usize> {
    diesel::update(stock::table.find(id))
        .set(stock::free.eq(stock::free - 1))
        .execute(&mut tx)
        .await
}

async fn job(pool: Pool<ConnectionManager<PgConnection>>) -> QueryResult<usize> {
    reserve(&pool, 7).await
}

fn main() {}
