use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[txkit::transactional]
async fn reserve(mut conn: AsyncPgConnection, id: i64) -> QueryResult<usize> {
    diesel::delete(stock::table.find(id)).execute(&mut conn).await
}

fn main() {}
