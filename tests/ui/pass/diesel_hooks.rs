//! Every hook of a blocking transaction, in every shape.

use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use txkit::diesel::{SqliteReadTx, SqliteTx};
use txkit::{RolledBack, read_only, transactional};

diesel::table! { account (id) { id -> BigInt, cents -> BigInt } }

#[transactional]
fn place(tx: SqliteTx<'_>, name: &str) -> QueryResult<usize> {
    let owned = name.to_owned();
    tx.after_commit(|| println!("committed"));
    tx.after_commit(move || println!("{owned}"));
    tx.after_commit(|| std::fs::remove_file("order.lock"));
    tx.after_commit(notify);
    tx.after_rollback(|reason| println!("{reason:?}"));
    tx.after_rollback(|reason: RolledBack| println!("{:?}", reason.conflict()));
    tx.after_rollback(undone);
    tx.after_unknown(|| println!("unknown"));
    tx.before_commit_blocking(|tx| {
        let left: i64 = account::table.select(account::cents).first(tx)?;
        if left < 0 {
            return Err("overdrawn".into());
        }
        Ok(())
    });
    tx.before_commit_blocking(check);
    diesel::delete(account::table).execute(&mut tx)
}

#[read_only]
fn read(tx: SqliteReadTx<'_>) -> QueryResult<i64> {
    tx.after_commit(|| println!("read"));
    account::table.count().get_result(&mut tx)
}

fn check(tx: &mut SqliteTx<'_>) -> Result<(), txkit::BoxError> {
    let all: i64 = account::table.count().get_result(tx)?;
    (all > 0).then_some(()).ok_or_else(|| "no account".into())
}

fn notify() -> Result<(), std::io::Error> {
    Ok(())
}

fn undone(reason: RolledBack) -> Result<(), txkit::BoxError> {
    Err(format!("{reason:?}").into())
}

fn callers(pool: &Pool<ConnectionManager<SqliteConnection>>) -> QueryResult<i64> {
    place(pool, "name")?;
    read(pool)
}
