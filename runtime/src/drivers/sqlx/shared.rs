//! What SQLx's three engines have in common; knows no engine.

use std::error::Error as StdError;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use futures_core::future::BoxFuture;
use sqlx_core::Error;
use sqlx_core::database::Database;
use sqlx_core::error::DatabaseError;
use sqlx_core::pool::Pool;
use sqlx_core::sql_str::{AssertSqlSafe, SqlSafeStr, SqlStr};
use sqlx_core::transaction::TransactionManager;

use super::super::engines::undo_sql;
use crate::conflict::{Damage, Failure};
use crate::connection::PoolFacts;
use crate::gate::Lives;

/// How a savepoint in someone else's transaction was made.
#[derive(Debug)]
pub(super) enum Foreign {
    /// By the driver, which counts it: the depth it is at.
    Driver(usize),
    /// By hand, because the driver does not know of the transaction.
    Raw(String),
}

pub(super) fn safe(sql: impl Into<String>) -> SqlStr {
    // All of it is written here, from numbers and names of our own.
    AssertSqlSafe(sql.into()).into_sql_str()
}

/// A connection that takes text as one message, neither prepared nor cached.
///
/// It stands for `Executor`, whose lifetime parameter keeps generic code that awaits it from being `Send`.
pub(super) trait Simple: Send {
    /// What the driver answers.
    type Done;
    /// Sends text.
    fn simple(&mut self, sql: SqlStr) -> BoxFuture<'_, Result<Self::Done, Error>>;
}

/// Sends text as one message that is neither prepared nor cached.
pub(super) async fn send<C: Simple>(conn: &mut C, sql: impl Into<String>) -> Result<(), Error> {
    let sent = conn.simple(safe(sql));
    sent.await.map(drop)
}

pub(super) fn facts<DB: Database>(pool: &Pool<DB>) -> PoolFacts {
    let options = pool.options();
    PoolFacts {
        // All clones of a pool share their options.
        identity: std::ptr::from_ref(options).addr(),
        max: options.get_max_connections(),
        patience: options.get_acquire_timeout(),
    }
}

/// A pool announces its end, also that of its last clone.
pub(super) fn lives<DB: Database>(pool: &Pool<DB>) -> Lives {
    let mut closed = pool.close_event();
    Box::new(move || {
        Pin::new(&mut closed)
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    })
}

/// An engine's own error, in any of the shapes in which it stands in a chain of causes: an error type that is transparent
/// to SQLx's shows SQLx's source in its place.
pub(super) fn find_database_error<'e, E: DatabaseError>(
    error: &'e (dyn StdError + 'static),
) -> Option<&'e E> {
    let database = match error.downcast_ref::<Error>() {
        Some(error) => error.as_database_error(),
        None => error
            .downcast_ref::<Box<dyn DatabaseError>>()
            .map(AsRef::as_ref),
    };
    match database {
        Some(database) => database.try_downcast_ref(),
        None => error.downcast_ref(),
    }
}

/// What an error that did not come from the database means.
pub(super) fn outside_database(error: &Error) -> Failure {
    Failure::of(match error {
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolClosed
        | Error::WorkerCrashed => Damage::Lost,
        _ => Damage::None,
    })
}

/// Begins what polling a future once can begin. Called from `Drop`, which cannot wait.
pub(super) fn poll_once(future: impl Future) {
    let mut future = pin!(future);
    // What becomes of it is seen when the connection is used again.
    let _pending = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
}

/// Queues the rollback of what the driver knows to be open above `base`.
#[cfg(any(feature = "sqlx-mysql", feature = "sqlx-postgres"))]
pub(super) fn queue_rollbacks<M: TransactionManager>(
    conn: &mut <M::Database as Database>::Connection,
    base: usize,
) {
    for _ in base..M::get_transaction_depth(conn) {
        M::start_rollback(conn);
    }
}

/// Rolls back, until the driver too knows that nothing is open.
pub(super) async fn unwind<M: TransactionManager>(
    conn: &mut <M::Database as Database>::Connection,
) -> Result<(), Error>
where
    <M::Database as Database>::Connection: Simple,
{
    let depth = M::get_transaction_depth(conn);
    if depth == 1 && M::rollback(conn).await.is_ok() {
        return Ok(());
    }
    let ended = send(conn, "ROLLBACK").await;
    if depth == 0 {
        return ended;
    }
    // The engine has forgotten savepoints, or the transaction, that the driver still counts. The driver gets them back, to
    // undo them itself.
    send(conn, "BEGIN").await?;
    for level in 1..depth {
        send(conn, format!("SAVEPOINT _sqlx_savepoint_{level}")).await?;
    }
    for _ in 0..depth {
        M::rollback(conn).await?;
    }
    Ok(())
}

/// COMMIT by the driver, which must count our transaction and nothing else.
pub(super) async fn commit_counted<M: TransactionManager>(
    conn: &mut <M::Database as Database>::Connection,
) -> Result<(), Uncommitted> {
    match M::get_transaction_depth(conn) {
        1 => M::commit(conn).await.map_err(Uncommitted::Answered),
        depth => Err(Uncommitted::NotSent(Error::Protocol(format!(
            "the connection was lent, and came back {depth} transactions deep in place of one"
        )))),
    }
}

/// Why a counted COMMIT did not succeed.
pub(super) enum Uncommitted {
    /// It was not sent.
    NotSent(Error),
    /// It was, and this came back.
    Answered(Error),
}

/// Nests by the driver's own count.
pub(super) async fn nest<M: TransactionManager>(
    conn: &mut <M::Database as Database>::Connection,
) -> Result<Foreign, Error> {
    M::begin(conn, None).await?;
    Ok(Foreign::Driver(M::get_transaction_depth(conn)))
}

/// Ends what was begun above our savepoint and left open; fails if the savepoint itself is gone.
fn back_to<M: TransactionManager>(
    conn: &mut <M::Database as Database>::Connection,
    level: usize,
) -> Result<(), Error> {
    let depth = M::get_transaction_depth(conn);
    for _ in level..depth {
        M::start_rollback(conn);
    }
    match depth < level {
        true => Err(Error::Protocol(
            "the savepoint was ended before its function".to_owned(),
        )),
        false => Ok(()),
    }
}

/// Undoes a savepoint in someone else's transaction, and forgets it.
pub(super) async fn undo_foreign<M: TransactionManager>(
    conn: &mut <M::Database as Database>::Connection,
    foreign: &Foreign,
) -> Result<(), Error>
where
    <M::Database as Database>::Connection: Simple,
{
    match foreign {
        Foreign::Raw(name) => send(conn, undo_sql(name)).await,
        Foreign::Driver(level) => {
            back_to::<M>(conn, *level)?;
            M::rollback(conn).await?;
            // The driver leaves the savepoint alive.
            let level = M::get_transaction_depth(conn);
            send(conn, format!("RELEASE SAVEPOINT _sqlx_savepoint_{level}")).await
        }
    }
}

/// Releases a savepoint in someone else's transaction.
pub(super) async fn release_foreign<M: TransactionManager>(
    conn: &mut <M::Database as Database>::Connection,
    foreign: &Foreign,
) -> Result<(), Error>
where
    <M::Database as Database>::Connection: Simple,
{
    match foreign {
        Foreign::Raw(name) => send(conn, format!("RELEASE SAVEPOINT {name}")).await,
        Foreign::Driver(level) => {
            back_to::<M>(conn, *level)?;
            M::commit(conn).await
        }
    }
}

/// Queues the undoing of a savepoint that the driver counts. Called from `Drop`.
pub(super) fn abandon_foreign<M: TransactionManager>(
    conn: &mut <M::Database as Database>::Connection,
    level: usize,
) {
    if back_to::<M>(conn, level).is_ok() {
        M::start_rollback(conn);
    }
}
