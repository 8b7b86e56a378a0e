//! SQLite: what it is like, and what its codes and messages mean; knows no driver and sends nothing.

use std::time::Duration;

use crate::conflict::{Conflict, Damage, Failure};
use crate::connection::Engine;
use crate::definition::Isolation;
use crate::statement::Dialect;

pub(crate) const ENGINE: Engine = Engine {
    name: "SQLite",
    floor: Isolation::Serializable,
    deferrable: false,
    one_writer: true,
    dialect: Dialect::Sqlite,
    limit_locks: None,
    check_constraints: None,
};

/// How long COMMIT waits for readers where no `lock_timeout` is declared.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How long COMMIT pauses before it asks again.
pub(crate) const PAUSE: Duration = Duration::from_millis(10);

/// What an error means: many a one may have ended the transaction (`OR ROLLBACK`, `RAISE(ROLLBACK)`, a full disk, an
/// interrupt), and SQLite is near enough to be asked each time.
pub(crate) const fn failure(is_busy: bool) -> Failure {
    match is_busy {
        true => Failure::conflict(Damage::Doubtful, Conflict::Busy),
        false => Failure::of(Damage::Doubtful),
    }
}

/// What BEGIN says inside a transaction. SQLite has one code for every misuse; the words have been the same since 2001 and
/// are not localized.
pub(crate) fn is_nested_begin(message: &str) -> bool {
    message.contains("within a transaction")
}

/// The milliseconds of `busy_timeout`.
pub(crate) fn busy_timeout(time: Duration) -> i64 {
    i64::try_from(time.as_millis())
        .unwrap_or(i64::MAX)
        .clamp(1, i32::MAX.into())
}

/// Whether these are the words of BUSY, or of a shared cache's lock; for drivers that hide the code. A lock against a
/// cursor of one's own names no table. SQLite speaks English only.
#[cfg(feature = "_diesel-sqlite")]
pub(crate) fn is_busy_in(message: &str) -> bool {
    message == "database is locked"
        || message.starts_with("database table is locked: ")
        || message.starts_with("database schema is locked: ")
}

/// The conflict that a message tells of.
#[cfg(feature = "_diesel-sqlite")]
pub(crate) fn conflict_in(message: &str) -> Option<Conflict> {
    is_busy_in(message).then_some(Conflict::Busy)
}
