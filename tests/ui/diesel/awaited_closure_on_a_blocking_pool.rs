use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

async fn reserve(pool: &Pool<ConnectionManager<PgConnection>>, id: i64) -> QueryResult<usize> {
    txkit::transaction(pool, async |tx| {
        diesel::delete(stock::table.find(id)).execute(tx)
    })
    .await
}

fn main() {}
