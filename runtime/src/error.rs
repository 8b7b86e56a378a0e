//! Everything that can go wrong with a transaction itself; knows no driver's error type.

use std::time::Duration;

use crate::conflict::Conflict;
use crate::definition::{Isolation, Location};
use crate::outcome::Outcome;

/// An error of a driver or of the application, kept as it came.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// The first failure a transaction saw: the body has the error itself, this is its memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Cause {
    message: String,
    conflict: Option<Conflict>,
}

impl Cause {
    pub(crate) fn new(message: impl Into<String>, conflict: Option<Conflict>) -> Self {
        Self {
            message: message.into(),
            conflict,
        }
    }

    /// The conflict it was, if it was one.
    pub fn conflict(&self) -> Option<Conflict> {
        self.conflict
    }
}

/// A transaction that could not do what its function promised.
///
/// `function` is the annotated function that began (or would have begun) the transaction. Where the cause is a driver's
/// error it is the [`source`](std::error::Error::source), unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pool had no connection to give. The body did not run.
    #[error("no connection for `{function}`")]
    Acquire {
        /// The function that asked.
        function: &'static str,
        /// The pool's error.
        source: BoxError,
    },
    /// The transaction could not be begun. The body did not run.
    #[error("could not begin the transaction of `{function}` (attempt {attempts})")]
    Begin {
        /// The function that asked.
        function: &'static str,
        /// How often it was tried.
        attempts: u32,
        /// The conflict it was, if it was one.
        conflict: Option<Conflict>,
        /// The driver's error.
        source: BoxError,
    },
    /// The database did not commit; nothing is stored.
    #[error("the transaction of `{function}` was not committed (attempt {attempts}){}", on_top_of(.body))]
    Commit {
        /// The function that began it.
        function: &'static str,
        /// How often it was tried.
        attempts: u32,
        /// The conflict it was, if it was one.
        conflict: Option<Conflict>,
        /// The error the body had returned, where it was to be committed all the same (`commit_on`).
        body: Option<String>,
        /// The driver's error.
        source: BoxError,
    },
    /// The answer to COMMIT was lost. It may or may not be stored: look before doing it again.
    #[error(
        "whether the transaction of `{function}` was committed is unknown: the answer to COMMIT was lost"
    )]
    OutcomeUnknown {
        /// The function that began it.
        function: &'static str,
        /// What kept the answer away.
        source: BoxError,
    },
    /// Something ended the transaction before its function did: DDL or a raw COMMIT or ROLLBACK.
    #[error(
        "the transaction of `{function}` was ended before its function returned, by DDL or a raw COMMIT or ROLLBACK: \
         what it did until then may be stored; keep transaction control and DDL out of transactional functions{}",
        besides(.body)
    )]
    PartlyCommitted {
        /// The function that began it.
        function: &'static str,
        /// The error the body had returned, if it had.
        body: Option<String>,
        /// What the database said when asked to commit.
        source: BoxError,
    },
    /// A part of the transaction failed, yet its outermost function returned `Ok`. Nothing is stored.
    #[error(
        "the transaction of `{function}` was rolled back: `{by}` ({location}) marked it rollback-only: {cause}; \
         pass its error on, or, if that failure is harmless, declare `nested`, `no_mark(..)` or `commit_on(..)` on `{by}`"
    )]
    RollbackOnly {
        /// The function that began it.
        function: &'static str,
        /// The function that failed.
        by: &'static str,
        /// Where that function stands.
        location: Location,
        /// Its error.
        cause: Cause,
    },
    /// A statement failed, its error was swallowed, and the database cannot commit any more. Nothing is stored.
    #[error(
        "the transaction of `{function}` could not be committed: an earlier error was swallowed: {source}"
    )]
    Poisoned {
        /// The function that began it.
        function: &'static str,
        /// The first failure.
        source: Cause,
    },
    /// The transaction took longer than its `timeout`. It was rolled back.
    #[error("`{function}` did not finish within its timeout of {timeout:?}")]
    Timeout {
        /// The function that began it.
        function: &'static str,
        /// The timeout it declares.
        timeout: Duration,
    },
    /// A new transaction was asked for inside one that was begun on a bare connection and so knows no pool.
    #[error(
        "`{function}` needs another connection, but its caller's transaction knows no pool: begin that one from a pool, or give `{function}` one with `on = self.pool`"
    )]
    NoPool {
        /// The function that asked.
        function: &'static str,
    },
    /// Waiting for another connection could have lasted for ever: those who hold the others wait as well.
    #[error(
        "`{function}`, called inside `{outer}`, would wait for ever for a second connection: all {max} connections of the pool \
         are held by transactions that wait for one; pass `&mut tx` so that it joins, call it after `{outer}`, or enlarge the pool"
    )]
    Starved {
        /// The function that asked.
        function: &'static str,
        /// The function whose transaction is suspended meanwhile.
        outer: &'static str,
        /// How many connections the pool has.
        max: u32,
    },
    /// An independent transaction waited for a lock that its own suspended caller holds.
    #[error(
        "`{function}` needs a lock that `{outer}`, which waits for it, most likely holds (SQLite has one writer): \
         pass `&mut tx` so that it joins, call it before or after, or keep its rows in another database"
    )]
    SelfDeadlock {
        /// The inner function.
        function: &'static str,
        /// The function whose transaction is suspended meanwhile.
        outer: &'static str,
        /// The database's error, if it was asked.
        source: Option<BoxError>,
    },
    /// The joined transaction has a weaker isolation than the function declares. The body did not run.
    #[error(
        "`{function}` declares isolation `{wanted}`, but the transaction of `{outer}` it joined has {}; \
         declare it on `{outer}` too, or use `requires_new`", known(.actual)
    )]
    WeakerIsolation {
        /// The function that joined.
        function: &'static str,
        /// The function that began the transaction.
        outer: &'static str,
        /// The level asked for.
        wanted: Isolation,
        /// The level in force, if it is known.
        actual: Option<Isolation>,
    },
    /// The connection is in a transaction, and the function must not be called in one.
    #[error(
        "`{function}` must not be called inside a transaction, and the connection it was given is in one"
    )]
    InTransaction {
        /// The function that was called.
        function: &'static str,
    },
    /// A savepoint could not be made or released. What was done since it was made is undone.
    #[error("the savepoint of `{function}` failed")]
    Savepoint {
        /// The nested function.
        function: &'static str,
        /// The conflict it was, if it was one.
        conflict: Option<Conflict>,
        /// The driver's error.
        source: BoxError,
    },
    /// A statement was not sent, because it would have ended the transaction behind txkit's back.
    #[error("`{statement}` was not sent: {remedy}")]
    Refused {
        /// The words that gave it away.
        statement: String,
        /// What to do instead.
        remedy: &'static str,
    },
    /// A statement was not sent, because the transaction is over: it would have been stored at once.
    #[error("the statement was not sent: the transaction has ended: {source}")]
    Ended {
        /// What ended it.
        source: Cause,
    },
    /// A `before_commit` hook failed. Nothing is stored.
    #[error("a `before_commit` hook of `{function}` failed")]
    BeforeCommit {
        /// The function that began the transaction.
        function: &'static str,
        /// The hook's error.
        source: BoxError,
    },
    /// The function joins only, and the connection it was given is in no transaction.
    #[error(
        "`{function}` must be called inside a transaction, and the connection it was given is in none"
    )]
    NoTransaction {
        /// The function that was called.
        function: &'static str,
    },
    /// The engine lacks what the function declares. The body did not run.
    #[error("{engine} has no `{option}`, which `{function}` declares")]
    Unsupported {
        /// The function that was called.
        function: &'static str,
        /// The option.
        option: &'static str,
        /// The engine.
        engine: &'static str,
    },
}

/// An error and its chain of causes.
pub(crate) fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(
        Some(error),
        |error: &&'e (dyn std::error::Error + 'static)| error.source(),
    )
}

fn on_top_of(body: &Option<String>) -> String {
    body.as_ref()
        .map(|text| format!(", nor what it returned: {text}"))
        .unwrap_or_default()
}

fn besides(body: &Option<String>) -> String {
    body.as_ref()
        .map(|text| format!("; it had failed: {text}"))
        .unwrap_or_default()
}

fn known(isolation: &Option<Isolation>) -> String {
    match isolation {
        Some(level) => format!("`{level}`"),
        None => "the engine's default".to_owned(),
    }
}

impl Error {
    /// The conflict behind it, if there was one: running the whole call again may well succeed.
    pub fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Begin { conflict, .. }
            | Self::Commit { conflict, .. }
            | Self::Savepoint { conflict, .. } => *conflict,
            Self::Poisoned { source, .. } | Self::Ended { source } => source.conflict(),
            Self::RollbackOnly { cause, .. } => cause.conflict(),
            _ => None,
        }
    }

    /// The first of these errors down a chain of causes: in a driver's error, or in one of the application's.
    ///
    /// ```
    /// let error = txkit::Error::NoPool { function: "shop::audit" };
    /// let error = sqlx::Error::from(error);
    /// assert!(matches!(txkit::Error::find(&error), Some(txkit::Error::NoPool { .. })));
    /// ```
    pub fn find<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Self> {
        causes(error).find_map(|error| error.downcast_ref())
    }

    /// How the transaction ended.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::OutcomeUnknown { .. } => Outcome::Unknown,
            Self::PartlyCommitted { .. } => Outcome::PartlyCommitted,
            _ => Outcome::RolledBack,
        }
    }
}
