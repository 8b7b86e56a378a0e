//! Diesel functions that one has already, on the driver's own connection.

use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use txkit::{read_only, retry_on_conflict, serializable, transactional};

diesel::table! { charge (id) { id -> BigInt, cents -> BigInt } }

#[transactional]
fn make(conn: &mut PgConnection, cents: i64) -> QueryResult<usize> {
    conn.transaction(|conn| {
        diesel::insert_into(charge::table)
            .values(charge::cents.eq(cents))
            .execute(conn)
    })
}

#[retry_on_conflict]
fn make_again(conn: &mut MysqlConnection, cents: i64) -> QueryResult<usize> {
    diesel::delete(charge::table.find(cents)).execute(conn)
}

#[serializable]
#[retry_on_conflict(attempts = 9)]
fn make_strictly(conn: &mut SqliteConnection, cents: i64) -> QueryResult<usize> {
    diesel::insert_into(charge::table)
        .values([charge::cents.eq(cents), charge::cents.eq(-cents)])
        .execute(conn)
}

#[read_only]
fn count(conn: &mut PgConnection) -> QueryResult<i64> {
    charge::table.count().get_result(conn)
}

#[transactional]
async fn make_awaited(conn: &mut AsyncPgConnection, cents: i64) -> QueryResult<usize> {
    let row = diesel::insert_into(charge::table).values(charge::cents.eq(cents));
    conn.transaction(async |conn| diesel_async::RunQueryDsl::execute(row, conn).await)
        .await
}

#[derive(diesel::MultiConnection)]
enum AnyConnection {
    Pg(PgConnection),
    Sqlite(SqliteConnection),
    Mysql(MysqlConnection),
}

/// What is done where the engine is known at run time only.
fn on_any(conn: &mut AnyConnection, cents: i64) -> QueryResult<usize> {
    match conn {
        AnyConnection::Pg(conn) => make(conn, cents),
        AnyConnection::Sqlite(conn) => make_strictly(conn, cents),
        AnyConnection::Mysql(conn) => make_again(conn, cents),
    }
}

fn callers(url: &str) -> Result<i64, Box<dyn std::error::Error>> {
    let mut conn = PgConnection::establish(url)?;
    conn.begin_test_transaction()?;
    make(&mut conn, 1)?;
    on_any(&mut AnyConnection::establish(url)?, 1)?;
    Ok(count(&mut conn)?)
}

fn spawned(conn: AsyncPgConnection) {
    let mut conn = conn;
    tokio::spawn(async move { make_awaited(&mut conn, 1).await });
}
