//! The ports a driver implements, one connection type each; knows no driver and decides nothing.

use std::error::Error as StdError;
use std::fmt::Debug;
use std::future::Future;
use std::ops::DerefMut;
use std::time::Duration;

use crate::conflict::{Conflict, Failure};
use crate::definition::{Definition, Isolation};
use crate::gate::Lives;
use crate::hooks::RolledBack;
use crate::statement::Dialect;

/// Whether a connection's calls are awaited or block.
pub trait Mode: 'static {
    /// A hook that runs when the outcome is known.
    type Hook: Send;
    /// A hook that runs inside the transaction, before COMMIT.
    type Check<C: Connection>: Send;
    /// Hooks on their way; dropping it sees to those that have not run.
    type Queue: Default + Send;

    /// Puts hooks on their way.
    fn enqueue(
        queue: &mut Self::Queue,
        function: &'static Definition,
        attempt: u32,
        hooks: Vec<(Self::Hook, RolledBack)>,
    );
}

/// What an engine is like.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    /// Its name.
    pub name: &'static str,
    /// The weakest isolation it ever gives, whatever it was configured to.
    pub floor: Isolation,
    /// Whether `deferrable` means anything to it.
    pub deferrable: bool,
    /// Whether a database has room for one writing transaction only.
    pub one_writer: bool,
    /// How its statements are read.
    pub(crate) dialect: Dialect,
    /// Limits this session's lock waits to five seconds, where they would have no limit or a long one.
    pub limit_locks: Option<&'static str>,
    /// Checks deferred constraints without ending the transaction.
    pub check_constraints: Option<&'static str>,
}

/// What must be known of a pool to keep its users from starving each other.
#[derive(Clone, Copy, Debug)]
pub struct PoolFacts {
    /// The same for all clones of one pool, different for different pools, where pools can be told apart.
    pub identity: usize,
    /// How many connections it may have.
    pub max: u32,
    /// How long it lets a caller wait for a connection.
    pub patience: Duration,
}

/// Where a transaction's connection came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From a pool; it can be closed if need be.
    Leased,
    /// From the caller, who goes on using it.
    Borrowed,
    /// From the caller, and the function's body gets it as it is, unseen by us.
    Lent,
}

/// What BEGIN is to ask for.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Where the connection came from.
    pub origin: Origin,
    /// The isolation level, or the engine's default.
    pub isolation: Option<Isolation>,
    /// Whether the database is to refuse changes.
    pub read_only: bool,
    /// PostgreSQL's `DEFERRABLE`.
    pub deferrable: bool,
    /// The whole transaction's time.
    pub timeout: Option<Duration>,
    /// Each statement's time.
    pub statement_timeout: Option<Duration>,
    /// Each lock's time.
    pub lock_timeout: Option<Duration>,
}

/// What BEGIN came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// A transaction of our own.
    Own,
    /// A savepoint: someone else's transaction was open on the connection.
    Foreign,
}

/// BEGIN failed.
#[derive(Debug)]
pub struct NotBegun<E> {
    /// The driver's error.
    pub error: E,
    /// Whether the connection is as it was before.
    pub clean: bool,
}

/// What ROLLBACK came to.
#[derive(Debug)]
pub enum Undone<E> {
    /// Rolled back; `clean` if the connection is as it was before BEGIN.
    RolledBack {
        /// Whether it may be used again.
        clean: bool,
    },
    /// The transaction was no longer ours: something committed or rolled it back before.
    Gone {
        /// What the database said.
        error: E,
    },
}

/// What a verified COMMIT came to.
#[derive(Debug)]
pub enum Answer<E> {
    /// Committed; `clean` if the connection is as it was before BEGIN.
    Committed {
        /// Whether it may be used again.
        clean: bool,
    },
    /// Certainly not committed.
    Refused {
        /// The driver's error.
        error: E,
        /// The conflict it was, if it was one.
        conflict: Option<Conflict>,
    },
    /// The transaction was no longer ours.
    Partly {
        /// What the database said.
        error: E,
    },
    /// No answer came.
    Unknown {
        /// What kept it away.
        error: E,
    },
}

/// A driver's connection to one engine.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no connection that txkit can begin a transaction on",
    label = "not a connection",
    note = "the handle names the driver's connection type, as in `Tx<'_, sqlx::PgConnection>`, or an alias such as `txkit::sqlx::PgTx<'_>`; is the driver's feature switched on? a type parameter has the bound `txkit::AsyncConnection` or, without `async`, `txkit::BlockingConnection`",
    note = "an enum of connections (Diesel's `MultiConnection`) is matched on first, and the connection inside it passed to a function of its engine; where a pool's connection is passed, `&mut PgConnection` is declared"
)]
pub trait Connection: Sized + Send + 'static {
    /// Whether its calls are awaited.
    type Mode: Mode;
    /// Where it can be had from.
    type Pool: Clone + Debug + Send + Sync + 'static;
    /// It, on loan from its pool.
    type Lease: DerefMut<Target = Self> + Send;
    /// The driver's error.
    type Error: StdError + Send + Sync + 'static;
    /// What the adapter has to remember of an open transaction.
    type Memory: Default + Debug + Send;

    /// The engine behind it.
    const ENGINE: Engine;

    /// What must be known of a pool.
    fn facts(pool: &Self::Pool) -> PoolFacts;

    /// Tells from time to time whether a pool still exists, without keeping it alive: its identity may be used again.
    fn lives(pool: &Self::Pool) -> Lives;

    /// A number that never falls as long as a pool lives, where nothing else tells that its identity is used again.
    fn age(_pool: &Self::Pool) -> u64 {
        0
    }

    /// Whether a pool's second writer would wait without end (SQLite's shared cache). Asked once for each pool.
    fn one_writer(_pool: &Self::Pool) -> bool {
        false
    }

    /// How many connections a pool could lend at once, where its [identity](PoolFacts::identity) may be that of another one
    /// too: nobody is refused on account of the other's users then. `None` where an identity is a pool's own.
    fn spare(_pool: &Self::Pool) -> Option<u32> {
        None
    }

    /// How many transactions and savepoints the driver believes open.
    fn depth(&mut self) -> usize;

    /// Whether a test began a transaction on it that never commits, by the driver's own means: functions then run in
    /// savepoints.
    fn in_test(&mut self) -> bool {
        false
    }

    /// What an error means to the transaction it happened in.
    fn classify(error: &Self::Error) -> Failure;

    /// Whether an error is one of the driver's, or what stands for one in a chain of causes, and what it means.
    fn classify_dyn(error: &(dyn StdError + 'static)) -> Option<Failure> {
        error.downcast_ref::<Self::Error>().map(Self::classify)
    }

    /// What an error means that was [diagnosed](BlockingConnection::diagnose).
    fn judge(_memory: &mut Self::Memory, error: &Self::Error) -> Failure {
        Self::classify(error)
    }

    /// A statement runs code that the text does not show and that may end the transaction.
    fn opaque(_memory: &mut Self::Memory) {}

    /// A statement is about to be sent.
    fn starts(_memory: &mut Self::Memory) {}

    /// The savepoint at `depth` was released or undone, and with it those made since.
    fn unnested(_memory: &mut Self::Memory, _depth: u32) {}

    /// Called from `Drop`: sees to it, without waiting, that the transaction is rolled back before the connection is used
    /// again. `false` if that cannot be promised: the connection must be closed.
    fn abandon(&mut self, memory: &mut Self::Memory, origin: Origin, in_flight: bool) -> bool;

    /// Called from `Drop`: undoes a savepoint there and then, where the connection's calls block. `false` if it was not
    /// undone.
    fn undo_now(&mut self, _sql: &str) -> bool {
        false
    }

    /// Closes a leased connection instead of giving it back. The memory is that of its last transaction.
    fn discard(lease: Self::Lease, memory: &mut Self::Memory);

    /// Sees to it that a leased connection is closed when its holder gives it back.
    fn spoil(lease: &mut Self::Lease);

    /// Sees to it that whoever has a borrowed connection gets an error from it, where the driver can say so.
    fn disable(&mut self, _memory: &mut Self::Memory) {}
}

/// A connection whose engine and driver can limit a statement's time.
#[diagnostic::on_unimplemented(
    message = "`statement_timeout` needs a way to interrupt a statement, and this connection gives none",
    label = "not through this driver",
    note = "Diesel's SQLite connection cannot be interrupted: use `lock_timeout` for waits and `timeout` for the whole, or SQLx"
)]
pub trait StatementTimeout: Connection {}

/// An engine that knows `DEFERRABLE`.
#[diagnostic::on_unimplemented(
    message = "`deferrable` is PostgreSQL's: this engine has no such transactions",
    label = "not on this engine",
    note = "drop `deferrable`; a serializable read-only transaction works without it"
)]
pub trait Deferrable: Connection {}

/// A connection whose calls are awaited.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no connection of an asynchronous driver",
    label = "used by `async` code",
    note = "drop `async`, or declare the handle of an asynchronous driver, such as `txkit::diesel_async` or `txkit::sqlx`; a type parameter has the bound `txkit::AsyncConnection`",
    note = "without `async` it is `transaction_blocking`, `with_conn_blocking`, `before_commit_blocking`"
)]
pub trait AsyncConnection: Connection<Mode = crate::hooks::Async> {
    /// Has a connection from a pool.
    fn lease(pool: &Self::Pool) -> impl Future<Output = Result<Self::Lease, Self::Error>> + Send;

    /// Begins in one round trip.
    fn begin(
        &mut self,
        plan: &Plan,
        memory: &mut Self::Memory,
    ) -> impl Future<Output = Result<Begun, NotBegun<Self::Error>>> + Send;

    /// Commits, and answers `Committed` only if it was our transaction that was committed.
    fn commit(
        &mut self,
        memory: &mut Self::Memory,
    ) -> impl Future<Output = Answer<Self::Error>> + Send;

    /// Rolls back. Where the connection was lent it asks first whether the transaction is still ours, unless the engine
    /// has `ended` it by an error.
    fn rollback(
        &mut self,
        memory: &mut Self::Memory,
        ended: bool,
    ) -> impl Future<Output = Result<Undone<Self::Error>, Self::Error>> + Send;

    /// Sends savepoint commands, as one message that is not prepared and not cached.
    fn control(&mut self, sql: String) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Asks the engine whether the transaction is alive.
    fn alive(&mut self) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Asks the engine what the error was that it has just answered, where the driver does not tell;
    /// [`judge`](Connection::judge) gets to know.
    fn diagnose(
        &mut self,
        _memory: &mut Self::Memory,
        _error: &Self::Error,
    ) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Prepares for the connection to be used behind our back, at a savepoint depth.
    fn lend(
        &mut self,
        memory: &mut Self::Memory,
        depth: u32,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// A connection whose calls block.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no connection of a blocking driver",
    label = "used by code that is not `async`",
    note = "write `async fn`, or declare the handle of a blocking driver, such as `txkit::diesel`; a type parameter has the bound `txkit::BlockingConnection`",
    note = "in an `async fn` it is `transaction`, `with_conn`, `before_commit`"
)]
pub trait BlockingConnection: Connection<Mode = crate::hooks::Blocking> {
    /// Has a connection from a pool.
    fn lease(pool: &Self::Pool) -> Result<Self::Lease, Self::Error>;

    /// Begins in one round trip.
    fn begin(
        &mut self,
        plan: &Plan,
        memory: &mut Self::Memory,
    ) -> Result<Begun, NotBegun<Self::Error>>;

    /// Commits, and answers `Committed` only if it was our transaction that was committed.
    fn commit(&mut self, memory: &mut Self::Memory) -> Answer<Self::Error>;

    /// Rolls back. Where the connection was lent it asks first whether the transaction is still ours, unless the engine
    /// has `ended` it by an error.
    fn rollback(
        &mut self,
        memory: &mut Self::Memory,
        ended: bool,
    ) -> Result<Undone<Self::Error>, Self::Error>;

    /// Sends savepoint commands.
    fn control(&mut self, sql: String) -> Result<(), Self::Error>;

    /// Asks the engine whether the transaction is alive.
    fn alive(&mut self) -> Result<bool, Self::Error>;

    /// Asks the engine what the error was that it has just answered, where the driver does not tell;
    /// [`judge`](Connection::judge) gets to know.
    fn diagnose(&mut self, _memory: &mut Self::Memory, _error: &Self::Error) {}

    /// Prepares for the connection to be used behind our back, at a savepoint depth.
    fn lend(&mut self, memory: &mut Self::Memory, depth: u32) -> Result<(), Self::Error>;
}
