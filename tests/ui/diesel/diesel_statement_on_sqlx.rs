use diesel::prelude::*;
use txkit::{sqlx::PgTx, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional]
async fn reserve(tx: PgTx<'_>, id: i64) -> Result<usize, txkit::BoxError> {
    Ok(diesel::delete(stock::table.find(id)).execute(&mut tx)?)
}

fn main() {}
