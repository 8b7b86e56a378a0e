//! Blocking Diesel by hand: closures, options in a constant, the guard, tests.

use std::time::Duration;

use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use txkit::diesel::PgTx;
use txkit::{Definition, Isolation, Retry, transactional};

diesel::table! { charge (id) { id -> BigInt, cents -> BigInt } }

static STRICT: Definition = Definition::new("strict", file!(), line!())
    .isolation(Isolation::Serializable)
    .timeout(Duration::from_secs(5))
    .retry(Retry::new().attempts(3));

#[transactional]
fn make(tx: PgTx<'_>, name: &str) -> QueryResult<usize> {
    println!("{name}");
    diesel::delete(charge::table).execute(&mut tx)
}

type DbPool = Pool<ConnectionManager<PgConnection>>;

fn closures(pool: &DbPool, name: &str) -> QueryResult<usize> {
    txkit::transaction_blocking(pool, |tx: &mut PgTx<'_>| make(tx, name))?;
    txkit::transaction_blocking(pool, |tx| {
        make(&mut *tx, name)?;
        diesel::delete(charge::table).execute(tx)?;
        txkit::transaction_blocking(tx, |tx| make(tx, "inner"))
    })?;
    STRICT.run_blocking(pool, |tx| {
        let gone: Vec<i64> = diesel::delete(charge::table)
            .returning(charge::id)
            .get_results(tx)?;
        Ok(gone.len())
    })
}

fn on_a_connection(conn: &mut PgConnection) -> QueryResult<usize> {
    txkit::transaction_blocking(&mut *conn, |tx| make(tx, "outer"))?;
    conn.transaction(|conn| STRICT.run_blocking(conn, |tx: &mut PgTx<'_>| make(tx, "inner")))
}

fn guard(pool: &DbPool) -> QueryResult<()> {
    let mut open = txkit::begin_blocking(pool)?;
    make(&mut open.tx(), "name")?;
    diesel::delete(charge::table).execute(&mut open.tx())?;
    open.commit()?;
    txkit::begin_blocking(pool)?.rollback()?;
    Ok(())
}

fn lent(tx: &mut PgTx<'_>) -> QueryResult<usize> {
    tx.with_conn_blocking(|conn| {
        conn.build_transaction()
            .run(|conn| diesel::delete(charge::table).execute(conn))
    })
}

fn test(pool: &DbPool) -> QueryResult<()> {
    let left = txkit::test::rolled_back_blocking(pool, |tx| make(tx, "test"))??;
    assert_eq!(left, 0);
    txkit::test::rolled_back_blocking(pool, lent)?.map(drop)
}
