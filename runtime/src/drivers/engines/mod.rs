//! What the three engines are told and what they answer, as text and numbers; knows no driver and sends nothing.

#[cfg(any(feature = "sqlx-mysql", feature = "_diesel-mysql"))]
pub(crate) mod mysql;
#[cfg(any(feature = "sqlx-postgres", feature = "_diesel-postgres"))]
pub(crate) mod postgres;
#[cfg(any(feature = "sqlx-sqlite", feature = "_diesel-sqlite"))]
pub(crate) mod sqlite;

use std::sync::atomic::{AtomicU32, Ordering};

/// The savepoint that proves that a transaction is ours.
pub(crate) const MARKER: &str = "txk_m";

/// A name for a savepoint in a transaction that the driver does not know of: unlike its neighbours', and of few kinds.
pub(crate) fn foreign_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("txk_f{}", NEXT.fetch_add(1, Ordering::Relaxed) % 1_000)
}

/// Rolls back to a savepoint and forgets it.
pub(crate) fn undo_sql(name: &str) -> String {
    format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}")
}
