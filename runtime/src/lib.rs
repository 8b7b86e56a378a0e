//! Transaction boundaries declared on functions; what follows is the README, whose examples are tests.
//!
#![doc = include_str!("../README.md")]
// What only drivers call is idle where there is none.
#![cfg_attr(
    not(all(feature = "_sqlx", feature = "_diesel-blocking")),
    allow(dead_code)
)]

mod ambient;
mod call;
mod clock;
mod conflict;
pub mod connection;
mod definition;
mod drivers;
mod engine;
mod error;
mod gate;
mod hooks;
mod outcome;
mod programmatic;
mod run;
mod seat;
mod source;
mod state;
mod statement;
mod tx;

pub mod observe;
pub mod retry;
pub mod test;

#[doc(hidden)]
pub mod __private;

pub use clock::Clock;
pub use conflict::{Conflict, Damage, Failure};
pub use definition::{Definition, Isolation, Location, Propagation, Retry};
pub use error::{BoxError, Cause, Error};
pub use gate::Lives;
pub use hooks::{HookOutput, IntoHook, Reason, RolledBack};
pub use outcome::{Outcome, TransactionResult};
pub use programmatic::{
    Open, OpenBlocking, begin, begin_blocking, transaction, transaction_blocking,
};
pub use source::{Begin, Pool, Source};
pub use tx::{Allows, InTransaction, Read, ReadTx, Session, Tx, Unbound, Write};

pub use connection::{AsyncConnection, BlockingConnection, Connection};

#[cfg(feature = "_diesel-blocking")]
pub use drivers::diesel;
#[cfg(feature = "_diesel-async")]
pub use drivers::diesel_async;
pub use drivers::find_conflict;
#[cfg(feature = "_sqlx")]
pub use drivers::sqlx;

/// Runs a function in a transaction: its caller's if it is given one, else its own.
///
/// The handle is the first parameter after `self`; see the [crate's documentation](crate) for what may be declared there, and
/// for all options. `Ok` commits (if the function began the transaction), `Err` and panics roll back, and the caller gets the
/// function's own result. Below and above other attributes, on free functions, on methods, and in trait
/// impls (by reference).
///
/// ```
/// use txkit::sqlx::SqliteTx;
///
/// #[derive(Clone)]
/// struct NewOrder { sku: String, units: i64 }
///
/// #[txkit::transactional(timeout = "5s", retry(attempts = 3))]
/// async fn place(tx: SqliteTx<'_>, order: NewOrder) -> Result<i64, sqlx::Error> {
///     take_stock(&mut tx, &order).await?;
///     let sql = "INSERT INTO orders (sku, units) VALUES (?, ?)";
///     let done = sqlx::query(sql).bind(order.sku).bind(order.units).execute(&mut tx).await?;
///     Ok(done.last_insert_rowid())
/// }
///
/// // A plain helper: no attribute, part of whatever transaction it is given.
/// async fn take_stock(tx: &mut SqliteTx<'_>, order: &NewOrder) -> Result<(), sqlx::Error> {
///     let sql = "UPDATE stock SET units = units - ? WHERE sku = ?";
///     sqlx::query(sql).bind(order.units).bind(&order.sku).execute(tx).await.map(drop)
/// }
/// ```
pub use txkit_macros::transactional;

/// `#[transactional]` for functions that only read: declare a `ReadTx`.
///
/// The database refuses changes to rows of permanent tables if the transaction began here; a function that writes cannot
/// be called with the handle. On SQLite it does not take the write lock.
///
/// ```
/// use txkit::sqlx::SqliteReadTx;
///
/// #[txkit::read_only]
/// async fn history(tx: SqliteReadTx<'_>, customer: i64) -> Result<Vec<i64>, sqlx::Error> {
///     sqlx::query_scalar("SELECT id FROM orders WHERE customer = ?").bind(customer).fetch_all(&mut tx).await
/// }
/// ```
pub use txkit_macros::read_only;

/// `#[transactional]` at isolation level SERIALIZABLE; mostly together with [`macro@retry_on_conflict`].
///
/// ```
/// use txkit::sqlx::SqliteTx;
///
/// #[txkit::serializable]
/// #[txkit::retry_on_conflict(attempts = 10)]
/// async fn transfer_stock(tx: SqliteTx<'_>, from: i64, to: i64) -> Result<(), sqlx::Error> {
///     let sql = "UPDATE stock SET units = units - 1 WHERE id = ?";
///     sqlx::query(sql).bind(from).execute(&mut tx).await?;
///     let sql = "UPDATE stock SET units = units + 1 WHERE id = ?";
///     sqlx::query(sql).bind(to).execute(&mut tx).await.map(drop)
/// }
/// ```
pub use txkit_macros::serializable;

/// `#[transactional]`, replayed from a new transaction when it loses a conflict: `attempts`, `base`, `cap`, `budget`, `also(PATTERN)`.
///
/// Only the call that began the transaction replays; joined and nested ones run inline. The body runs several times:
/// effects outside of the database belong in a hook. Arguments taken by value are cloned for each attempt.
///
/// ```
/// use txkit::sqlx::SqliteTx;
///
/// #[txkit::retry_on_conflict(attempts = 8, base = "5ms", cap = "200ms", budget = "3s")]
/// async fn count_visit(tx: SqliteTx<'_>, page: String) -> Result<(), sqlx::Error> {
///     let sql = "UPDATE page SET visits = visits + 1 WHERE name = ?";
///     sqlx::query(sql).bind(page).execute(&mut tx).await.map(drop)
/// }
/// ```
pub use txkit_macros::retry_on_conflict;

pub mod prelude {
    //! The four attributes and the handles. Not the driver modules: their names are those of the drivers' crates.

    pub use crate::{
        ReadTx, Session, Tx, read_only, retry_on_conflict, serializable, transactional,
    };
}
