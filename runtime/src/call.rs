//! One call of an annotated function: where it runs, and what each step's result means. Runs nothing itself.

mod after;
mod begin;
mod body;
mod drop;
mod end;
mod nest;

use std::any::Any;
use std::panic::resume_unwind;
use std::time::Instant;

use crate::ambient::Suspended;
use crate::clock::{self, Deadline};
use crate::conflict::Conflict;
use crate::connection::{Connection, Mode, Origin};
use crate::definition::Definition;
use crate::engine::{Ending, Kind, Protocol};
use crate::error::Error;
use crate::hooks::Reason;
use crate::observe::{self, Span};
use crate::outcome::Evidence;
use crate::seat::{Ground, Leased, Own, Seat};
use crate::source::{ByRef, Source};
use crate::state::{Footing, State};
use crate::tx::{InTransaction, MayBeOutside, OnlyReads, Tx, Unbound};

/// What became of the body.
#[derive(Debug)]
pub enum Caught<R> {
    /// It returned.
    Returned(R),
    /// It panicked.
    Panicked(Box<dyn Any + Send>),
    /// Its deadline passed.
    TimedOut,
}

impl<R> Caught<R> {
    /// What it returned, if it did.
    pub fn value(&self) -> Option<&R> {
        match self {
            Self::Returned(value) => Some(value),
            _ => None,
        }
    }
}

/// What the function's patterns say of what it returned.
#[derive(Debug, Default)]
pub struct Verdict {
    commit: bool,
    no_mark: bool,
    also: bool,
    conflict: Option<Conflict>,
    text: Option<String>,
}

impl Verdict {
    /// Whether an `Err` matches `commit_on`.
    #[must_use]
    pub fn commit(mut self, matches: bool) -> Self {
        self.commit = matches;
        self
    }

    /// Whether an `Err` matches `no_mark`.
    #[must_use]
    pub fn no_mark(mut self, matches: bool) -> Self {
        self.no_mark = matches;
        self
    }

    /// Whether an `Err` matches `retry(also(..))`.
    #[must_use]
    pub fn also(mut self, matches: bool) -> Self {
        self.also = matches;
        self
    }

    /// The conflict found in an `Err`, where no handle could see it.
    #[must_use]
    pub fn conflict(mut self, conflict: Option<Conflict>) -> Self {
        self.conflict = conflict;
        self
    }

    /// An `Err` in words.
    #[must_use]
    pub fn described(mut self, text: String) -> Self {
        self.text = Some(text);
        self
    }
}

/// What a function does once its transaction has ended.
#[derive(Debug)]
pub enum Flow<R> {
    /// Returns.
    Return(R),
    /// Runs its body again.
    Replay,
}

/// The deadline and the span of a body; borrows nothing.
#[derive(Debug)]
pub struct Guard {
    pub(crate) deadline: Option<Instant>,
    pub(crate) span: Span,
    pub(crate) around: Option<Suspended>,
}

/// A transaction, ready for the body.
#[derive(Debug)]
pub struct Entered<'c, C: Connection> {
    tx: Tx<'c, C, Unbound>,
    guard: Option<Guard>,
}

impl<'c, C: Connection> Entered<'c, C> {
    /// The body's deadline and span.
    pub fn guard(&mut self) -> Guard {
        self.guard.take().unwrap_or_else(|| Guard {
            deadline: None,
            span: Span::none(),
            around: None,
        })
    }

    /// The handle of a by-value function that runs in a transaction.
    pub fn handle<A: InTransaction>(self) -> Tx<'c, C, A> {
        Tx::new(self.tx.conn, self.tx.state)
    }

    /// The handle of a by-value function that only reads.
    pub fn reader<A: OnlyReads>(self) -> Tx<'c, C, A> {
        Tx::new(self.tx.conn, self.tx.state)
    }

    /// The handle of a by-value function that may run outside of one.
    pub fn session<A: MayBeOutside>(self) -> Tx<'c, C, A> {
        Tx::new(self.tx.conn, self.tx.state)
    }

    /// The handle of a by-reference function.
    pub fn held<T: ByRef<Conn = C>>(self) -> T::Held<'c> {
        T::hold(self.tx)
    }
}

/// One execution of an annotated function.
#[derive(Debug)]
pub struct Call<'a, C: Connection> {
    pub(crate) definition: &'static Definition,
    pub(crate) protocol: Protocol,
    pub(crate) ground: Ground<'a, C>,
    pub(crate) queue: Queue<C>,
    refusal: Option<Error>,
    error: Option<Error>,
    text: Option<String>,
    reason: Reason,
    /// Of a `before_commit` hook.
    panic: Option<Box<dyn Any + Send>>,
    conflict: Option<Conflict>,
    depth: u32,
    /// How many nested transactions of the driver's own were open when the body began.
    levels: usize,
    savepoint: String,
    lent: bool,
    started: Option<Instant>,
    begun: Option<Instant>,
    deadline: Option<Instant>,
    /// Of an open transaction that was joined: its own deadline, until the call is over.
    pub(crate) joined: Option<Deadline>,
    span: Span,
}

/// Hooks on their way, kept apart because a queue knows how to be dropped.
pub(crate) struct Queue<C: Connection>(pub(crate) <C::Mode as Mode>::Queue);

impl<C: Connection> std::fmt::Debug for Queue<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Queue")
    }
}

impl<'a, C: Connection> Call<'a, C> {
    /// A call that has not taken its first step.
    pub fn new(source: Source<'a, C>, definition: &'static Definition) -> Self {
        let lent = matches!(source, Source::Lent(_));
        let (ground, kind, refusal) = Ground::of(source, definition);
        let call = Self {
            definition,
            protocol: Protocol::new(kind),
            ground,
            queue: Queue(Default::default()),
            refusal,
            error: None,
            text: None,
            reason: Reason::Error,
            panic: None,
            conflict: None,
            depth: 0,
            levels: 0,
            savepoint: String::new(),
            lent,
            started: definition.retry.map(|_| clock::now()),
            begun: None,
            deadline: None,
            joined: None,
            span: Span::none(),
        };
        if matches!(call.protocol.kind(), Kind::Nested | Kind::Joined) {
            call.report_ignored();
        }
        call
    }

    /// R6: what a join cannot apply without a round trip is reported.
    pub(crate) fn report_ignored(&self) {
        let given = [
            (
                "statement_timeout",
                self.definition.statement_timeout.is_some(),
            ),
            ("lock_timeout", self.definition.lock_timeout.is_some()),
            ("deferrable", self.definition.deferrable),
            ("retry", self.definition.retry.is_some()),
        ];
        for (option, _) in given.into_iter().filter(|(_, given)| *given) {
            observe::emit(self.definition, 1, observe::Kind::OptionIgnored { option });
        }
    }

    pub(crate) fn refused(&mut self) -> Option<Error> {
        let refusal = self.refusal.take()?;
        // Nothing is open: dropping the call now must clean nothing up.
        self.protocol = Protocol::over();
        Some(refusal)
    }

    /// The connection and the state that the body works with.
    pub(crate) fn parts(&mut self) -> Option<(&mut C, &mut State<C>)> {
        self.ground.parts()
    }

    pub(crate) fn leased(&mut self) -> Option<&mut Leased<C>> {
        match &mut self.ground {
            Ground::Own(Own {
                seat: Seat::Leased(leased),
                ..
            }) => Some(leased),
            _ => None,
        }
    }

    pub(crate) fn is_nested(&self) -> bool {
        self.protocol.kind() == Kind::Nested
    }

    /// Whether an error left it open if the transaction is alive.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.ground.state().attempt.is_doubtful()
    }

    /// Whether nothing may be sent any more.
    pub(crate) fn is_refused(&self) -> bool {
        self.ground.state().attempt.refusal().is_some()
    }

    pub(crate) fn is_logical(&self) -> bool {
        self.ground.state().footing == Footing::Logical
    }

    /// Whether the engine itself is known to have rolled the transaction back: by what the handle saw, or, where it saw
    /// nothing, by the conflict that the body returned. (That the body had committed by itself before, and met the conflict
    /// in what came after, cannot be seen.)
    pub(crate) fn was_rolled_back(&self) -> bool {
        let told = matches!(
            self.conflict,
            Some(Conflict::Deadlock | Conflict::Serialization)
        );
        self.lent && told || self.ground.state().attempt.was_rolled_back()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    pub(crate) fn origin(&self) -> Origin {
        match &self.ground {
            Ground::Own(own) => own.origin(self.lent),
            Ground::Open(_) => Origin::Borrowed,
        }
    }

    pub(crate) fn number(&self) -> u32 {
        self.ground.state().number
    }

    pub(crate) fn guard(&self) -> Guard {
        Guard {
            deadline: self.deadline,
            span: self.span.clone(),
            around: self.ground.suspended(),
        }
    }

    pub(crate) fn entered(&mut self) -> Result<Entered<'_, C>, Error> {
        let definition = self.definition;
        if !matches!(self.protocol.kind(), Kind::Own { .. }) {
            self.deadline = definition
                .timeout
                .and_then(|timeout| clock::now().checked_add(timeout));
        }
        let guard = Some(self.guard());
        self.levels = self.ground.state().levels.len();
        match self.ground.parts() {
            Some((conn, state)) => Ok(Entered {
                tx: Tx::new(conn, state),
                guard,
            }),
            None => Err(Error::NoPool {
                function: definition.name,
            }),
        }
    }

    /// The error of a call that ended before its body ran.
    pub(crate) fn not_entered(&mut self) -> Error {
        let function = self.definition.name;
        self.error.take().unwrap_or(Error::NoPool { function })
    }

    /// What the function returns.
    pub(crate) fn conclude<R>(
        &mut self,
        ending: Ending,
        caught: Caught<R>,
        evidence: Evidence<R>,
    ) -> R {
        let error = self.error.take();
        if let Some(panic) = self.panic.take() {
            resume_unwind(panic);
        }
        match caught {
            Caught::Panicked(panic) => resume_unwind(panic),
            Caught::Returned(value) if ending == Ending::Body && error.is_none() => value,
            _ => evidence.fail(error.unwrap_or_else(|| self.timed_out())),
        }
    }

    fn timed_out(&self) -> Error {
        let timeout = self.definition.timeout.unwrap_or_default();
        Error::Timeout {
            function: self.definition.name,
            timeout,
        }
    }
}
