//! The handles a function's body works with; knows no driver and begins nothing.

mod lend;

use std::fmt;
use std::marker::PhantomData;

use crate::connection::{Connection, Mode};
use crate::definition::{Definition, Isolation};
use crate::hooks::{IntoHook, RolledBack};
use crate::outcome::Outcome;
use crate::state::{Footing, State};

/// The transaction may change data.
#[derive(Debug)]
pub enum Write {}

/// The transaction only reads.
#[derive(Debug)]
pub enum Read {}

/// There may be no transaction at all.
#[derive(Debug)]
pub enum Unbound {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Write {}
    impl Sealed for super::Read {}
    impl Sealed for super::Unbound {}
}

/// What a handle is good for: [`Write`], [`Read`] or [`Unbound`].
pub trait Access: sealed::Sealed + 'static {}
impl Access for Write {}
impl Access for Read {}
impl Access for Unbound {}

/// An access that implies a transaction.
#[diagnostic::on_unimplemented(
    message = "a `Session` may be outside of any transaction, and this needs one",
    label = "declare `Tx` here, with a propagation that gives one",
    note = "`supports`, `not_supported` and `never` give a `Session`; `required`, `requires_new` and `nested` give a `Tx`"
)]
pub trait InTransaction: Access {}
#[diagnostic::do_not_recommend]
impl InTransaction for Write {}
#[diagnostic::do_not_recommend]
impl InTransaction for Read {}

/// The access of a function that only reads.
#[diagnostic::on_unimplemented(
    message = "a `read_only` function declares a handle that can write",
    label = "declare a `ReadTx` here, such as `PgReadTx<'_>`",
    note = "the database would refuse its changes, and writers could be called from it"
)]
pub trait OnlyReads: InTransaction {}
impl OnlyReads for Read {}

/// The access of a function that may run outside of any transaction.
#[diagnostic::on_unimplemented(
    message = "a function that may run outside of a transaction declares a handle that promises one",
    label = "declare a `Session` here, such as `PgSession<'_>`",
    note = "`supports`, `not_supported` and `never` give a `Session`; `required`, `requires_new` and `nested` give a `Tx`"
)]
pub trait MayBeOutside: Access {}
impl MayBeOutside for Unbound {}

/// Whether a function that declares access `B` may join a handle of this access.
#[diagnostic::on_unimplemented(
    message = "a `{B}` function cannot join a `{Self}` transaction",
    label = "this handle gives less than the function needs",
    note = "to write from a function that reads, declare `Tx` in place of `ReadTx` there, or give the writer a transaction of its own from the pool",
    note = "a `Session` (`Unbound`) may be outside of any transaction: pass the pool, or declare `Tx`"
)]
pub trait Allows<B>: Access {}
#[diagnostic::do_not_recommend]
impl<B: Access> Allows<B> for Write {}
#[diagnostic::do_not_recommend]
impl Allows<Read> for Read {}
#[diagnostic::do_not_recommend]
impl Allows<Unbound> for Read {}
#[diagnostic::do_not_recommend]
impl Allows<Unbound> for Unbound {}

/// An open transaction on a connection of type `C`.
///
/// It borrows: whoever began the transaction ends it, when the function returns. Statements go through it (`&mut tx` is
/// an executor of its driver), so that a lost conflict, a swallowed error or a statement dropped half-way is seen.
///
/// It cannot outlive its function, be used from two tasks at once, or be sent elsewhere while the function runs: all
/// three are compile errors.
pub struct Tx<'a, C: Connection, A = Write> {
    pub(crate) conn: &'a mut C,
    pub(crate) state: &'a mut State<C>,
    access: PhantomData<fn() -> A>,
}

/// A transaction that only reads; see [`Tx`].
///
/// A function that writes cannot join it. The database refuses changes as well if the transaction *began* read only.
pub type ReadTx<'a, C> = Tx<'a, C, Read>;

/// A connection that may be outside of any transaction (`supports`, `not_supported`, `never`); see [`Tx`].
pub type Session<'a, C> = Tx<'a, C, Unbound>;

impl<'a, C: Connection, A> Tx<'a, C, A> {
    pub(crate) fn new(conn: &'a mut C, state: &'a mut State<C>) -> Self {
        Self {
            conn,
            state,
            access: PhantomData,
        }
    }

    /// The same transaction for another access, for as long as the borrow lasts.
    pub(crate) fn reborrow<B>(&mut self) -> Tx<'_, C, B> {
        Tx::new(self.conn, self.state)
    }

    /// The attempt this is, from 1: a retried function's body runs several times.
    pub fn attempt(&self) -> u32 {
        self.state.number
    }

    /// The isolation level that is certainly in force, if it is known: the one asked for, or the engine's weakest.
    pub fn isolation(&self) -> Option<Isolation> {
        self.state.known_isolation()
    }

    /// The function that began the transaction.
    pub fn definition(&self) -> &'static Definition {
        self.state.definition
    }
}

impl<C: Connection, A> Tx<'_, C, A> {
    /// Runs `hook` once, after COMMIT was acknowledged and the connection is back in its pool.
    ///
    /// It never runs for work that was rolled back: not for a failed attempt, not for an undone savepoint. A hook that
    /// fails or panics is reported and changes nothing about the result. It runs at most once: if the process dies
    /// after COMMIT it does not run, so what must happen belongs in an outbox table.
    ///
    /// Where the commit is someone else's (a savepoint in a transaction that was begun on the bare connection) it cannot
    /// be known: registering one makes the function fail with [`Error::RollbackOnly`].
    ///
    /// [`Error::RollbackOnly`]: crate::Error::RollbackOnly
    pub fn after_commit<H, R, When>(&mut self, hook: H)
    where
        A: InTransaction,
        H: FnOnce() -> R + IntoHook<<C::Mode as Mode>::Hook, (), When>,
    {
        self.register("after_commit", Outcome::Committed, hook.into_hook());
    }

    /// Runs `hook` once, after the work done so far was rolled back: with this attempt, or with the savepoint it stands
    /// under. It is told why.
    ///
    /// If the caller is cancelled it does not run: clean-up that must happen belongs in a `Drop`.
    pub fn after_rollback<H, R, When>(&mut self, hook: H)
    where
        A: InTransaction,
        H: FnOnce(RolledBack) -> R + IntoHook<<C::Mode as Mode>::Hook, (RolledBack,), When>,
    {
        let depth = self.state.attempt.depth();
        self.state
            .hooks
            .register(depth, Outcome::RolledBack, hook.into_hook());
    }

    /// Runs `hook` once, if COMMIT was sent and its answer was lost.
    ///
    /// Like [`after_commit`](Self::after_commit) it needs a commit that can be known.
    pub fn after_unknown<H, R, When>(&mut self, hook: H)
    where
        A: InTransaction,
        H: FnOnce() -> R + IntoHook<<C::Mode as Mode>::Hook, (), When>,
    {
        self.register("after_unknown", Outcome::Unknown, hook.into_hook());
    }

    /// Makes the whole transaction roll back, whatever its functions return: an `Ok` becomes
    /// [`Error::RollbackOnly`](crate::Error::RollbackOnly).
    pub fn set_rollback_only(&mut self)
    where
        A: InTransaction,
    {
        let definition = self.state.definition;
        self.state
            .mark(definition, "set_rollback_only was called".to_owned());
    }

    /// Whether a part of the transaction failed, so that it cannot be committed any more.
    pub fn is_rollback_only(&self) -> bool
    where
        A: InTransaction,
    {
        self.state.attempt.is_marked() || self.state.attempt.refusal().is_some()
    }

    fn register(&mut self, name: &str, on: Outcome, hook: <C::Mode as Mode>::Hook) {
        if self.state.footing == Footing::Foreign {
            let text =
                format!("`{name}` cannot be known here: the transaction was begun by someone else");
            self.state.mark(self.state.definition, text);
        }
        let depth = self.state.attempt.depth();
        self.state.hooks.register(depth, on, hook);
    }
}

/// A statement on its way: dropping it unanswered, because its future is dropped or a panic passes, poisons the transaction.
pub(crate) struct InFlight<'s, C: Connection> {
    pub(crate) state: &'s mut State<C>,
    answered: bool,
}

impl<'s, C: Connection> InFlight<'s, C> {
    pub(crate) fn new(state: &'s mut State<C>) -> Self {
        state.sent();
        Self {
            state,
            answered: false,
        }
    }

    /// It was a question of ours, not a statement of the transaction's.
    pub(crate) fn arrived(mut self) {
        self.answered = true;
        self.state.attempt.arrived();
    }

    pub(crate) fn answered<T>(mut self, result: Result<T, C::Error>) -> Result<T, C::Error> {
        self.answered = true;
        match &result {
            Ok(_) => self.state.attempt.succeeded(),
            Err(error) => drop(self.state.failed(error)),
        }
        result
    }
}

impl<C: Connection> Drop for InFlight<'_, C> {
    fn drop(&mut self) {
        if !self.answered {
            self.state.attempt.dropped();
        }
    }
}

impl<C: Connection, A> fmt::Debug for Tx<'_, C, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
