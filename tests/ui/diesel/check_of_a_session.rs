use diesel::prelude::*;
use txkit::{diesel::PgSession, transactional};

diesel::table! { stock (id) { id -> BigInt, free -> BigInt } }

#[transactional(propagation = supports)]
fn free(session: PgSession<'_>) -> QueryResult<i64> {
    session.before_commit_blocking(|_| Ok(()));
    stock::table.select(stock::free).first(&mut session)
}

fn main() {}
