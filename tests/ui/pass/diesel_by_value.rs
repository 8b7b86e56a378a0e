//! Blocking Diesel, the usual form, and everything that its callers can pass.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool, PooledConnection};
use txkit::diesel::{MysqlTx, PgReadTx, PgSession, PgTx, SqliteTx};
use txkit::{Tx, read_only, retry_on_conflict, serializable, transactional};

diesel::table! { charge (id) { id -> BigInt, cents -> BigInt } }

type Manager = ConnectionManager<PgConnection>;

#[transactional]
fn make(tx: PgTx<'_>, cents: i64) -> QueryResult<()> {
    insert(&mut tx, cents)?;
    insert(&mut tx, -cents)
}

#[transactional]
fn make_by_type(tx: Tx<'_, PgConnection>, cents: i64) -> QueryResult<()> {
    make(&mut tx, cents)
}

#[transactional]
fn make_with_mut(mut tx: PgTx<'_>, cents: i64) -> Result<(), txkit::BoxError> {
    Ok(make(&mut tx, cents)?)
}

#[transactional]
fn make_with_a_lifetime<'a>(tx: PgTx<'a>, name: &'a str) -> QueryResult<&'a str> {
    insert(&mut tx, 1)?;
    Ok(name)
}

#[serializable]
#[retry_on_conflict(attempts = 3)]
fn make_strictly(tx: SqliteTx<'_>, cents: Vec<i64>) -> QueryResult<usize> {
    let rows: Vec<_> = cents.iter().map(|it| charge::cents.eq(it)).collect();
    diesel::insert_into(charge::table)
        .values(rows)
        .execute(&mut tx)
}

#[transactional(timeout = "5s", statement_timeout = "1s", lock_timeout = "1s")]
fn make_in_time(tx: MysqlTx<'_>, id: i64) -> QueryResult<usize> {
    diesel::delete(charge::table.find(id)).execute(&mut tx)
}

#[read_only]
fn count(tx: PgReadTx<'_>) -> QueryResult<i64> {
    charge::table.count().get_result(&mut tx)
}

#[transactional(propagation = supports)]
fn look(session: PgSession<'_>) -> QueryResult<i64> {
    charge::table.select(charge::cents).first(&mut session)
}

#[transactional(propagation = nested)]
fn joined(tx: &mut PgTx<'_>) -> QueryResult<()> {
    insert(tx, 1)
}

#[transactional]
fn nothing(_: PgTx<'_>) -> QueryResult<()> {
    Ok(())
}

fn insert(tx: &mut PgTx<'_>, cents: i64) -> QueryResult<()> {
    diesel::insert_into(charge::table)
        .values(charge::cents.eq(cents))
        .execute(tx)
        .map(drop)
}

fn callers(
    pool: &Pool<Manager>,
    shared: &Arc<Pool<Manager>>,
    leased: &mut PooledConnection<Manager>,
    conn: &mut PgConnection,
    ours: &mut PgTx<'_>,
) -> QueryResult<()> {
    make(pool, 1)?;
    make(shared, 1)?;
    make(&mut *leased, 1)?;
    make(leased, 1)?;
    make(&mut *conn, 1)?;
    conn.transaction(|conn| make(conn, 1))?;
    make(conn, 1)?;
    make(&mut *ours, 1)?;
    joined(ours)?;
    ours.transaction(|ours| make(ours, 1))?;
    make(ours, 1)?;
    make_by_type(pool, 1)?;
    make_with_a_lifetime(pool, "name")?;
    count(pool)?;
    look(pool)?;
    nothing(pool)
}

fn others(
    lite: &Pool<ConnectionManager<SqliteConnection>>,
    maria: &Pool<ConnectionManager<MysqlConnection>>,
    pool: &Pool<Manager>,
) -> Result<usize, txkit::BoxError> {
    make_with_mut(pool, 1)?;
    Ok(make_strictly(lite, vec![1])? + make_in_time(maria, 1)?)
}
