//! What an engine's error means to a transaction; knows no engine and no error code.

use std::fmt;

/// Why a transaction lost against another one: it may well succeed when run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Conflict {
    /// No serial order explains what the transactions saw (SQLSTATE 40001, MariaDB 1020).
    Serialization,
    /// Two transactions waited for each other (SQLSTATE 40P01, MariaDB 1213).
    Deadlock,
    /// A lock was not had in time (SQLSTATE 55P03, MariaDB 1205).
    LockTimeout,
    /// SQLite: another connection has the write lock, or wrote since this one read.
    Busy,
    /// A row's version was not the expected one (optimistic locking).
    StaleVersion,
}

impl Conflict {
    /// A short, stable name, fit for a label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serialization => "serialization",
            Self::Deadlock => "deadlock",
            Self::LockTimeout => "lock_timeout",
            Self::Busy => "busy",
            Self::StaleVersion => "stale_version",
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Serialization => "serialization failure",
            Self::Deadlock => "deadlock",
            Self::LockTimeout => "lock timeout",
            Self::Busy => "database busy",
            Self::StaleVersion => "stale version",
        })
    }
}

/// What an error did to the transaction it happened in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Damage {
    /// Nothing: the error arose on this side of the wire.
    None,
    /// One statement was undone, the transaction goes on.
    Statement,
    /// The transaction may be gone: the engine must be asked before the next statement.
    Doubtful,
    /// Everything is refused until a rollback, or a rollback to a savepoint.
    Aborted,
    /// The engine rolled the whole transaction back.
    Ended,
    /// The connection is lost, and the transaction with it.
    Lost,
}

/// An error as a driver's adapter judges it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Failure {
    /// What it did to the transaction.
    pub damage: Damage,
    /// Whether, and as what, it is worth another attempt.
    pub conflict: Option<Conflict>,
}

impl Failure {
    /// An error that did `damage` and is not worth another attempt.
    pub const fn of(damage: Damage) -> Self {
        Self {
            damage,
            conflict: None,
        }
    }

    /// An error that did `damage` and is worth another attempt.
    pub const fn conflict(damage: Damage, conflict: Conflict) -> Self {
        Self {
            damage,
            conflict: Some(conflict),
        }
    }
}
