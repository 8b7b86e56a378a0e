//! What an open transaction carries along, whoever holds its handle; knows no driver and runs nothing.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ambient::Suspended;
use crate::clock::{self, Deadline};
use crate::conflict::{Damage, Failure};
use crate::connection::{Connection, Mode};
use crate::definition::{Definition, Isolation};
use crate::engine::Attempt;
use crate::error::{Cause, Error};
use crate::hooks::{Hooks, Reason, RolledBack};
use crate::statement::{self, Screened};

type Hook<C> = <<C as Connection>::Mode as Mode>::Hook;
type Check<C> = <<C as Connection>::Mode as Mode>::Check<C>;

/// What a function's statements run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Footing {
    /// A transaction that txkit began.
    Own,
    /// A savepoint in a transaction that someone else began.
    Foreign,
    /// The transaction of a test, which is rolled back in the end.
    TestRoot,
    /// A transaction as the production code sees it, a savepoint in a test's transaction.
    Logical,
    /// No transaction.
    Outside,
}

/// A savepoint made by the driver's own means.
#[derive(Clone, Debug)]
pub struct Level {
    pub(crate) name: String,
    /// The savepoint depth inside of it.
    pub(crate) depth: u32,
}

/// The state of an open transaction, and of a [`Session`](crate::Session) outside of one.
pub struct State<C: Connection> {
    pub(crate) attempt: Attempt,
    pub(crate) memory: C::Memory,
    pub(crate) hooks: Hooks<Hook<C>>,
    /// `before_commit` hooks with the savepoint depth they were registered at.
    pub(crate) checks: Vec<(u32, Check<C>)>,
    pub(crate) definition: &'static Definition,
    pub(crate) number: u32,
    pub(crate) pool: Option<C::Pool>,
    pub(crate) isolation: Option<Isolation>,
    pub(crate) footing: Footing,
    /// Connections held by this transaction and those suspended for it.
    pub(crate) held: u32,
    /// Keeps the savepoint names of stacked transactions on one connection apart.
    pub(crate) names: usize,
    /// Savepoints made by the driver's own means through the handle, the innermost last.
    pub(crate) levels: Vec<Level>,
    /// Whether anything was sent yet, so that locks may be held.
    pub(crate) worked: bool,
    /// When the time of the function that runs, or of one around it, is up. Where calls are awaited, none is kept: their
    /// future is dropped.
    pub(crate) deadline: Option<Deadline>,
}

impl<C: Connection> State<C> {
    pub(crate) fn new(
        definition: &'static Definition,
        pool: Option<C::Pool>,
        footing: Footing,
        held: u32,
    ) -> Self {
        Self {
            attempt: Attempt::new(),
            memory: C::Memory::default(),
            hooks: Hooks::new(),
            checks: Vec::new(),
            definition,
            number: 1,
            pool,
            isolation: definition.isolation,
            footing,
            held,
            names: 0,
            levels: Vec::new(),
            worked: false,
            deadline: None,
        }
    }

    /// This transaction as one that waits for an inner one.
    pub(crate) fn suspended(&self, pool: usize) -> Suspended {
        Suspended {
            function: self.definition,
            pool,
            held: self.held,
            worked: self.worked,
            deadline: self.deadline,
        }
    }

    /// Forgets everything about the last attempt but where it ran.
    pub(crate) fn renew(&mut self) {
        self.attempt = Attempt::new();
        self.memory = C::Memory::default();
        self.hooks = Hooks::new();
        self.checks.clear();
        self.levels.clear();
        self.number += 1;
        self.worked = false;
    }

    /// The isolation that is certainly in force.
    pub(crate) fn known_isolation(&self) -> Option<Isolation> {
        self.isolation.max(Some(C::ENGINE.floor))
    }

    /// Whether a statement may be sent; the error says why not.
    pub(crate) fn admit(&mut self, sql: &str) -> Result<(), Error> {
        let outside = self.footing == Footing::Outside;
        let mut opaque = false;
        match statement::screen(sql, C::ENGINE.dialect) {
            Screened::Refused(refused)
                if !(outside && refused.reason == statement::Reason::ImplicitCommit) =>
            {
                return Err(Error::Refused {
                    statement: refused.keywords.to_string(),
                    remedy: refused.remedy(),
                });
            }
            Screened::Opaque if !outside => {
                C::opaque(&mut self.memory);
                opaque = true;
            }
            _ => {}
        }
        match self.attempt.refusal() {
            Some(source) => return Err(Error::Ended { source }),
            // Asked before the statement that follows this one.
            None if opaque => self.attempt.suspect(),
            None => {}
        }
        Ok(())
    }

    /// Why a statement comes too late, if it does.
    pub(crate) fn overdue(&self) -> Option<Error> {
        let Deadline { at, function } = self.deadline?;
        (clock::now() >= at).then(|| Error::Timeout {
            function: function.name,
            timeout: function.timeout.unwrap_or_default(),
        })
    }

    /// A statement is on its way.
    pub(crate) fn sent(&mut self) {
        self.worked = true;
        C::starts(&mut self.memory);
        self.attempt.sent();
    }

    /// A statement failed.
    pub(crate) fn failed(&mut self, error: &C::Error) -> Failure {
        let mut failure = C::judge(&mut self.memory, error);
        // Without a transaction nothing but the connection can be lost.
        if self.footing == Footing::Outside && failure.damage != Damage::Lost {
            failure = Failure::of(Damage::None);
        }
        self.attempt.failed(failure, || error.to_string());
        failure
    }

    /// The name of savepoint number `n` of this transaction.
    pub(crate) fn savepoint(&self, n: u32) -> String {
        match self.names {
            0 => format!("txk_{n}"),
            base => format!("txk_{base}_{n}"),
        }
    }

    /// What `after_rollback` hooks are told.
    pub(crate) fn rolled_back(&self, reason: Reason) -> RolledBack {
        RolledBack {
            attempt: self.number,
            reason,
            cause: self.attempt.first_failure().cloned(),
        }
    }

    /// The savepoint at `depth` was released.
    pub(crate) fn released(&mut self, depth: u32) {
        self.attempt.released(depth);
        self.hooks.released(depth);
        C::unnested(&mut self.memory, depth);
        self.levels.retain(|level| level.depth < depth);
        for (since, _) in &mut self.checks {
            *since = (*since).min(depth.saturating_sub(1));
        }
    }

    /// The savepoint at `depth` was undone.
    pub(crate) fn undone(&mut self, depth: u32) {
        let reason = self.rolled_back(Reason::Savepoint);
        self.attempt.undone(depth);
        self.hooks.undone(depth, &reason);
        C::unnested(&mut self.memory, depth);
        self.levels.retain(|level| level.depth < depth);
        self.checks.retain(|(since, _)| *since < depth);
    }

    /// The innermost savepoint made by the driver's own means, if nothing else was begun inside of it.
    pub(crate) fn level(&self) -> Option<&Level> {
        let level = self.levels.last()?;
        (level.depth == self.attempt.depth()).then_some(level)
    }

    /// Marks the transaction rollback-only.
    pub(crate) fn mark(&mut self, by: &'static Definition, text: String) {
        let conflict = self.attempt.conflict();
        self.attempt.mark(by, Cause::new(text, conflict));
    }
}

impl<C: Connection> fmt::Debug for State<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("function", &self.definition.name)
            .field("footing", &self.footing)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// Stands for a depth that the driver does not count, because the transaction was begun by raw SQL: above all real
/// depths, unlike its neighbours', and of few kinds.
pub(crate) fn uncounted() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    1_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 1_000
}
