//! Helpers that are generic over Diesel's connections, and functions that are generic over the engine.

use diesel::connection::LoadConnection;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use txkit::diesel::{PgReadTx, PgTx, SqliteTx};
use txkit::{BlockingConnection, Tx, retry_on_conflict, transactional};

diesel::table! { charge (id) { id -> BigInt, cents -> BigInt } }

fn delete<C: Connection<Backend = Pg>>(conn: &mut C) -> QueryResult<usize> {
    diesel::delete(charge::table).execute(conn)
}

fn total<C>(conn: &mut C) -> QueryResult<Vec<i64>>
where
    C: LoadConnection<Backend = Pg>,
{
    charge::table.select(charge::cents).load(conn)
}

fn in_a_savepoint<C: Connection<Backend = Pg>>(conn: &mut C) -> QueryResult<usize> {
    conn.transaction(delete)
}

#[transactional]
fn settle(tx: PgTx<'_>) -> QueryResult<usize> {
    total(&mut tx)?;
    in_a_savepoint(&mut tx)?;
    let mut tx = tx;
    delete(&mut tx)
}

fn read(tx: &mut PgReadTx<'_>) -> QueryResult<Vec<i64>> {
    total(tx)
}

#[transactional]
fn on_any_engine<C: BlockingConnection>(tx: Tx<'_, C>) -> Result<u32, txkit::Error> {
    tx.after_commit(|| println!("done"));
    joins_any_engine(&mut tx)?;
    Ok(tx.attempt())
}

#[transactional]
fn joins_any_engine<C>(tx: &mut Tx<'_, C>) -> Result<(), txkit::Error>
where
    C: BlockingConnection,
{
    println!("{:?} on {}", tx.isolation(), C::ENGINE.name);
    Ok(())
}

#[transactional]
fn on_any_connection<C>(conn: &mut C) -> QueryResult<usize>
where
    C: Connection<Backend = Pg> + BlockingConnection,
{
    delete(conn)
}

#[transactional]
fn on_any_driver_of_postgres<C>(tx: Tx<'_, C>) -> QueryResult<usize>
where
    C: Connection<Backend = Pg> + BlockingConnection<Error = diesel::result::Error>,
{
    in_a_savepoint(&mut tx)
}

#[retry_on_conflict]
fn parsed<T: Default + Send, const N: usize>(tx: SqliteTx<'_>) -> QueryResult<[Option<T>; N]> {
    diesel::delete(charge::table).execute(&mut tx)?;
    Ok([const { None }; N])
}

#[transactional]
fn with_a_closure<F>(tx: PgTx<'_>, each: F) -> QueryResult<usize>
where
    F: Fn(&mut PgTx<'_>) -> QueryResult<usize>,
{
    Ok(each(&mut tx)? + each(&mut tx)?)
}

fn callers(
    pool: &Pool<ConnectionManager<PgConnection>>,
    lite: &Pool<ConnectionManager<SqliteConnection>>,
    conn: &mut PgConnection,
) -> QueryResult<usize> {
    on_any_engine(pool)?;
    on_any_engine(lite)?;
    on_any_connection(conn)?;
    on_any_driver_of_postgres(pool)?;
    let _: [Option<u8>; 2] = parsed(lite)?;
    settle(pool)?;
    with_a_closure(pool, |tx| diesel::delete(charge::table).execute(tx))
}
