//! Who is told what happens to transactions: observers, spans and warnings; decides nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::conflict::Conflict;
use crate::definition::Definition;
use crate::hooks;
use crate::outcome::Outcome;
use crate::retry;

/// Something that happened to one call of an annotated function.
#[derive(Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The function that began the transaction.
    pub function: &'static Definition,
    /// The attempt, from 1.
    pub attempt: u32,
    /// What happened.
    pub kind: Kind<'a>,
}

/// What happened.
///
/// Each `Begun` is followed by one `Ended`. An attempt that lost a conflict is followed by one `Replayed` or `GaveUp`,
/// also if it lost it at BEGIN, where there is neither `Begun` nor `Ended`: count conflicts by these two. The outcome of
/// a whole call is that of its last attempt.
#[derive(Debug)]
#[non_exhaustive]
pub enum Kind<'a> {
    /// A transaction was begun.
    Begun,
    /// It ended.
    Ended {
        /// How.
        outcome: Outcome,
        /// Why, if it was rolled back.
        reason: Option<hooks::Reason>,
        /// The conflict it lost, if it lost one.
        conflict: Option<Conflict>,
        /// The time since it was begun.
        elapsed: Duration,
    },
    /// It will be run again after a pause.
    Replayed {
        /// The conflict, unless it is the function's own `also(..)`.
        conflict: Option<Conflict>,
        /// The pause.
        pause: Duration,
    },
    /// It lost a conflict and will not be run again.
    GaveUp {
        /// The conflict, unless it is the function's own `also(..)`.
        conflict: Option<Conflict>,
        /// What was used up.
        reason: retry::Reason,
    },
    /// A hook failed or panicked, or could not be run; the outcome stands.
    HookFailed {
        /// Its error.
        error: &'a str,
    },
    /// A rollback failed; the connection was closed.
    RollbackFailed {
        /// The driver's error.
        error: &'a str,
    },
    /// An option had no effect, because the function joined a transaction that was open already.
    OptionIgnored {
        /// Its name.
        option: &'static str,
    },
}

/// Is told about every transaction of this process.
///
/// It is called in the middle of things: it must be quick and must not run transactions of its own.
pub trait Observer: Send + Sync + 'static {
    /// Something happened.
    fn event(&self, event: &Event<'_>);
}

static LISTENING: AtomicBool = AtomicBool::new(false);
static OBSERVERS: RwLock<Vec<Arc<dyn Observer>>> = RwLock::new(Vec::new());

/// Adds an observer; dropping the subscription removes it.
#[must_use = "dropping the subscription ends it"]
pub fn subscribe(observer: Arc<dyn Observer>) -> Subscription {
    let mut observers = OBSERVERS.write().unwrap_or_else(PoisonError::into_inner);
    observers.push(observer.clone());
    LISTENING.store(true, Ordering::Release);
    Subscription(observer)
}

/// Keeps an observer listening.
pub struct Subscription(Arc<dyn Observer>);

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription")
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut observers = OBSERVERS.write().unwrap_or_else(PoisonError::into_inner);
        observers.retain(|observer| !Arc::ptr_eq(observer, &self.0));
        LISTENING.store(!observers.is_empty(), Ordering::Release);
    }
}

pub(crate) fn is_listening() -> bool {
    LISTENING.load(Ordering::Acquire) || cfg!(feature = "metrics")
}

pub(crate) fn emit(function: &'static Definition, attempt: u32, kind: Kind<'_>) {
    warn(function, attempt, &kind);
    #[cfg(feature = "metrics")]
    record(function, &kind);
    if LISTENING.load(Ordering::Acquire) {
        let event = Event {
            function,
            attempt,
            kind,
        };
        // A copy, so that an observer may subscribe or unsubscribe.
        let observers = OBSERVERS
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        observers.iter().for_each(|observer| observer.event(&event));
    }
}

#[cfg(not(feature = "tracing"))]
fn warn(_: &'static Definition, _: u32, _: &Kind<'_>) {}

/// What no caller can be told by a return value.
#[cfg(feature = "tracing")]
fn warn(function: &'static Definition, attempt: u32, kind: &Kind<'_>) {
    let function = function.name;
    match kind {
        Kind::HookFailed { error } => {
            tracing::error!(function, attempt, error, "a transaction hook failed")
        }
        Kind::RollbackFailed { error } => tracing::warn!(
            function,
            attempt,
            error,
            "a rollback failed, the connection was closed"
        ),
        Kind::OptionIgnored { option } => {
            tracing::warn!(
                function,
                option,
                "option ignored: the function joined an open transaction"
            );
        }
        Kind::Replayed { conflict, pause } => {
            tracing::debug!(
                function,
                attempt,
                ?conflict,
                ?pause,
                "replaying after a conflict"
            );
        }
        Kind::GaveUp { conflict, reason } => {
            tracing::warn!(
                function,
                attempt,
                ?conflict,
                ?reason,
                "not replaying after a conflict"
            );
        }
        Kind::Begun | Kind::Ended { .. } => {}
    }
}

#[cfg(feature = "metrics")]
fn record(function: &'static Definition, kind: &Kind<'_>) {
    let name = function.name;
    match kind {
        Kind::Begun => {
            metrics::counter!("txkit_transactions_begun", "function" => name).increment(1)
        }
        Kind::Ended {
            outcome, elapsed, ..
        } => {
            metrics::counter!("txkit_transactions_ended", "function" => name, "outcome" => outcome.name()).increment(1);
            metrics::histogram!("txkit_transaction_seconds", "function" => name)
                .record(elapsed.as_secs_f64());
        }
        Kind::Replayed { conflict, .. } => {
            let conflict = conflict.map_or("also", Conflict::name);
            metrics::counter!("txkit_transactions_replayed", "function" => name, "conflict" => conflict).increment(1);
        }
        Kind::GaveUp { .. } => {
            metrics::counter!("txkit_transactions_given_up", "function" => name).increment(1)
        }
        Kind::HookFailed { .. } => {
            metrics::counter!("txkit_hooks_failed", "function" => name).increment(1)
        }
        Kind::RollbackFailed { .. } => {
            metrics::counter!("txkit_rollbacks_failed", "function" => name).increment(1)
        }
        Kind::OptionIgnored { .. } => {}
    }
}

/// The span of one attempt; nothing where nobody listens.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
impl Span {
    pub(crate) fn none() -> Self {
        Self {
            span: tracing::Span::none(),
        }
    }

    pub(crate) fn of(function: &'static Definition, attempt: u32) -> Self {
        use tracing::field::Empty;
        let isolation = function
            .isolation
            .map_or("default", crate::definition::Isolation::name);
        let propagation = function.propagation.name();
        let (name, outcome, conflict) = (function.name, Empty, Empty);
        let span = tracing::info_span!(
            "transaction",
            name,
            propagation,
            isolation,
            attempt,
            outcome,
            conflict
        );
        Self { span }
    }

    pub(crate) fn end(&self, outcome: Outcome, conflict: Option<Conflict>) {
        self.span.record("outcome", outcome.name());
        if let Some(conflict) = conflict {
            self.span.record("conflict", conflict.name());
        }
    }

    pub(crate) fn within<R>(&self, run: impl FnOnce() -> R) -> R {
        self.span.in_scope(run)
    }
}

#[cfg(not(feature = "tracing"))]
impl Span {
    pub(crate) fn none() -> Self {
        Self {}
    }

    pub(crate) fn of(_: &'static Definition, _: u32) -> Self {
        Self {}
    }

    pub(crate) fn end(&self, _: Outcome, _: Option<Conflict>) {}

    pub(crate) fn within<R>(&self, run: impl FnOnce() -> R) -> R {
        run()
    }
}
