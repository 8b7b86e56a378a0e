//! What an annotated function declares, as constant data; knows nothing of how a transaction is run.

use std::fmt;
use std::time::Duration;

/// What a call does about a transaction that is, or is not, there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Propagation {
    /// Joins an open transaction, begins one from a pool or an idle connection.
    #[default]
    Required,
    /// Always begins its own, on another connection of the pool.
    RequiresNew,
    /// A savepoint inside an open transaction, a transaction of its own otherwise.
    Nested,
    /// Joins; there must be a transaction. Declared by the signature `&mut Tx`.
    Mandatory,
    /// Joins if there is a transaction, runs outside of one otherwise.
    Supports,
    /// Runs outside of any transaction, on another connection if need be.
    NotSupported,
    /// Runs outside of any transaction, and refuses to be called from within one.
    Never,
}

impl Propagation {
    /// The name as the attribute spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::RequiresNew => "requires_new",
            Self::Nested => "nested",
            Self::Mandatory => "mandatory",
            Self::Supports => "supports",
            Self::NotSupported => "not_supported",
            Self::Never => "never",
        }
    }
}

impl fmt::Display for Propagation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The isolation levels of the SQL standard, weakest first, so that `<` means weaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Isolation {
    /// `READ UNCOMMITTED`.
    ReadUncommitted,
    /// `READ COMMITTED`.
    ReadCommitted,
    /// `REPEATABLE READ`.
    RepeatableRead,
    /// `SERIALIZABLE`.
    Serializable,
}

impl Isolation {
    /// The level in SQL's own words.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::ReadUncommitted => "READ UNCOMMITTED",
            Self::ReadCommitted => "READ COMMITTED",
            Self::RepeatableRead => "REPEATABLE READ",
            Self::Serializable => "SERIALIZABLE",
        }
    }

    /// The name as the attribute spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadUncommitted => "read_uncommitted",
            Self::ReadCommitted => "read_committed",
            Self::RepeatableRead => "repeatable_read",
            Self::Serializable => "serializable",
        }
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How often, and for how long, a call is replayed after a conflict.
///
/// The pause before replay `n` is drawn evenly from zero to `min(cap, base * 2^(n-1))` ("full jitter").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    pub(crate) attempts: u32,
    pub(crate) base: Duration,
    pub(crate) cap: Duration,
    pub(crate) budget: Duration,
}

impl Retry {
    /// Five attempts within ten seconds, pauses from 10 milliseconds up to one second.
    pub const fn new() -> Self {
        Self {
            attempts: 5,
            base: Duration::from_millis(10),
            cap: Duration::from_secs(1),
            budget: Duration::from_secs(10),
        }
    }

    /// How often the body may run in all, the first time included.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The upper bound of the first pause.
    #[must_use]
    pub const fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// The upper bound of every pause.
    #[must_use]
    pub const fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// The time since the call began after which no further attempt is started.
    #[must_use]
    pub const fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::new()
    }
}

/// The constant part of one annotated function: its name, where it stands, and its options.
///
/// The attributes build one per function. [`Definition::run`] runs a closure with one built by hand, in a `static`.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) propagation: Propagation,
    pub(crate) isolation: Option<Isolation>,
    pub(crate) read_only: bool,
    pub(crate) deferrable: bool,
    pub(crate) durable: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) lock_timeout: Option<Duration>,
    pub(crate) retry: Option<Retry>,
}

impl Definition {
    /// A `required` transaction with the engine's own settings.
    pub const fn new(name: &'static str, file: &'static str, line: u32) -> Self {
        Self {
            name,
            file,
            line,
            propagation: Propagation::Required,
            isolation: None,
            read_only: false,
            deferrable: false,
            durable: false,
            timeout: None,
            statement_timeout: None,
            lock_timeout: None,
            retry: None,
        }
    }

    /// Sets what a call does about a transaction that is there already.
    #[must_use]
    pub const fn propagation(mut self, propagation: Propagation) -> Self {
        self.propagation = propagation;
        self
    }

    /// Asks for an isolation level; without it the engine's default applies.
    #[must_use]
    pub const fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// The database refuses to change rows.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// PostgreSQL's `DEFERRABLE`: waits for a snapshot that cannot conflict.
    #[must_use]
    pub const fn deferrable(mut self) -> Self {
        self.deferrable = true;
        self
    }

    /// Must be the outermost transaction.
    #[must_use]
    pub const fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// How long one attempt may take, from BEGIN to COMMIT, by the client's clock.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long one statement may take, by the engine's clock.
    #[must_use]
    pub const fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = Some(timeout);
        self
    }

    /// How long one statement may wait for a lock, by the engine's clock.
    #[must_use]
    pub const fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = Some(timeout);
        self
    }

    /// Replays the call after a conflict.
    #[must_use]
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// The function's name with its module, or the name it was given.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where the function stands.
    pub const fn location(&self) -> Location {
        Location {
            file: self.file,
            line: self.line,
        }
    }

    /// The propagation in force.
    pub const fn declared_propagation(&self) -> Propagation {
        self.propagation
    }

    /// The isolation level asked for, if any.
    pub const fn declared_isolation(&self) -> Option<Isolation> {
        self.isolation
    }
}

/// A line of a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The path as the compiler saw it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
