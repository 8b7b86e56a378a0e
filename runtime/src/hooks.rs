//! What a function registers to run once its transaction's outcome is known; knows no driver and no transaction.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::conflict::Conflict;
use crate::error::{BoxError, Cause};
use crate::outcome::Outcome;

/// What an `after_rollback` hook is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RolledBack {
    /// The attempt whose work was undone, from 1.
    pub attempt: u32,
    /// Why it was undone.
    pub reason: Reason,
    /// The first failure the transaction saw, if it saw one.
    pub cause: Option<Cause>,
}

impl RolledBack {
    /// The conflict it was undone for, if it was one.
    pub fn conflict(&self) -> Option<Conflict> {
        self.cause.as_ref().and_then(Cause::conflict)
    }
}

/// Why work was undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The function returned an error.
    Error,
    /// The function panicked.
    Panic,
    /// The function's `timeout` passed.
    Timeout,
    /// It was marked rollback-only.
    RollbackOnly,
    /// An error was swallowed, and the database refused to go on.
    Poisoned,
    /// A `before_commit` hook failed.
    BeforeCommit,
    /// The database refused to commit.
    NotCommitted,
    /// The savepoint it was done under was rolled back.
    Savepoint,
}

/// What a hook may return: nothing, or a `Result<(), E>` whose error is reported.
#[diagnostic::on_unimplemented(
    message = "a hook cannot return `{Self}`",
    label = "nobody could be given this",
    note = "a hook returns `()`, `Result<(), E>` or, in an asynchronous transaction, a `Send` future of either (in a blocking one nobody would await it); drop the value with `;`"
)]
pub trait HookOutput {
    /// The hook's failure, if it failed.
    fn failure(self) -> Result<(), BoxError>;
}

#[diagnostic::do_not_recommend]
impl HookOutput for () {
    fn failure(self) -> Result<(), BoxError> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> HookOutput for Result<(), E> {
    fn failure(self) -> Result<(), BoxError> {
        self.map_err(Into::into)
    }
}

/// A hook of an asynchronous transaction.
pub type AsyncHook = Box<
    dyn FnOnce(RolledBack) -> Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>> + Send,
>;

/// A hook of a blocking transaction.
pub type BlockingHook = Box<dyn FnOnce(RolledBack) -> Result<(), BoxError> + Send>;

/// Asynchronous transactions: hooks may be futures.
#[derive(Debug)]
pub enum Async {}

/// Blocking transactions: hooks are closures.
#[derive(Debug)]
pub enum Blocking {}

/// Marks a hook that returns its output at once.
#[derive(Debug)]
pub enum Now {}

/// Marks a hook that returns a future of its output.
#[derive(Debug)]
pub enum Later {}

/// What can be registered as a hook: a closure, in asynchronous transactions also one that returns a future.
///
/// `Args` is what it is told: nothing, or a [`RolledBack`]. `When` is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no hook for this transaction",
    label = "not a hook",
    note = "a hook is `Send + 'static` and takes no argument (`after_rollback`: one, the reason); it returns `()`, `Result<(), E>` or, in an asynchronous transaction, a `Send` future of either; end it with `;` if it returns a value, and add `move` if it borrows"
)]
pub trait IntoHook<Hook, Args, When> {
    /// The hook as it is kept.
    fn into_hook(self) -> Hook;
}

impl<F, R> IntoHook<AsyncHook, (), Now> for F
where
    F: FnOnce() -> R + Send + 'static,
    R: HookOutput,
{
    fn into_hook(self) -> AsyncHook {
        Box::new(|_| Box::pin(async { self().failure() }))
    }
}

impl<F, R> IntoHook<AsyncHook, (), Later> for F
where
    F: FnOnce() -> R + Send + 'static,
    R: Future<Output: HookOutput> + Send + 'static,
{
    fn into_hook(self) -> AsyncHook {
        Box::new(|_| Box::pin(async { self().await.failure() }))
    }
}

impl<F, R> IntoHook<AsyncHook, (RolledBack,), Now> for F
where
    F: FnOnce(RolledBack) -> R + Send + 'static,
    R: HookOutput,
{
    fn into_hook(self) -> AsyncHook {
        Box::new(|reason| Box::pin(async { self(reason).failure() }))
    }
}

impl<F, R> IntoHook<AsyncHook, (RolledBack,), Later> for F
where
    F: FnOnce(RolledBack) -> R + Send + 'static,
    R: Future<Output: HookOutput> + Send + 'static,
{
    fn into_hook(self) -> AsyncHook {
        Box::new(|reason| Box::pin(async { self(reason).await.failure() }))
    }
}

impl<F, R> IntoHook<BlockingHook, (), Now> for F
where
    F: FnOnce() -> R + Send + 'static,
    R: HookOutput,
{
    fn into_hook(self) -> BlockingHook {
        Box::new(|_| self().failure())
    }
}

impl<F, R> IntoHook<BlockingHook, (RolledBack,), Now> for F
where
    F: FnOnce(RolledBack) -> R + Send + 'static,
    R: HookOutput,
{
    fn into_hook(self) -> BlockingHook {
        Box::new(|reason| self(reason).failure())
    }
}

/// A hook with the outcome it waits for and the savepoint depth it was registered at.
struct Registered<H> {
    depth: u32,
    on: Outcome,
    hook: H,
}

/// The hooks of one attempt, in the order of their registration.
pub struct Hooks<H> {
    registered: Vec<Registered<H>>,
    due: Vec<(H, RolledBack)>,
}

impl<H> Hooks<H> {
    /// None yet.
    pub const fn new() -> Self {
        Self {
            registered: Vec::new(),
            due: Vec::new(),
        }
    }

    /// Adds a hook for work done at a savepoint depth.
    pub fn register(&mut self, depth: u32, on: Outcome, hook: H) {
        self.registered.push(Registered { depth, on, hook });
    }

    /// The savepoint at `depth` was released: its hooks now share its parent's fate.
    pub fn released(&mut self, depth: u32) {
        for entry in &mut self.registered {
            entry.depth = entry.depth.min(depth.saturating_sub(1));
        }
    }

    /// The savepoint at `depth` was undone: its rollback hooks are due, its others never run.
    pub fn undone(&mut self, depth: u32, reason: &RolledBack) {
        for entry in std::mem::take(&mut self.registered) {
            if entry.depth < depth {
                self.registered.push(entry);
            } else if entry.on == Outcome::RolledBack {
                self.due.push((entry.hook, reason.clone()));
            }
        }
    }

    /// Takes those that run on this outcome. After a partial commit nothing is certain, so none do.
    pub fn take(&mut self, outcome: Outcome, reason: &RolledBack) -> Vec<(H, RolledBack)> {
        let mut due = std::mem::take(&mut self.due);
        let registered = std::mem::take(&mut self.registered);
        if outcome == Outcome::PartlyCommitted {
            return Vec::new();
        }
        due.extend(
            registered
                .into_iter()
                .filter(|entry| entry.on == outcome)
                .map(|entry| (entry.hook, reason.clone())),
        );
        due
    }
}

impl<H> fmt::Debug for Hooks<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("registered", &self.registered.len())
            .field("due", &self.due.len())
            .finish()
    }
}
