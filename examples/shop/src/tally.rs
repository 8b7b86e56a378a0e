//! Counts what happens to transactions, as txkit tells it; knows nothing of what they were for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use txkit::observe::{Event, Kind, Observer, Subscription, subscribe};
use txkit::{Conflict, Outcome};

/// What txkit has told since the tally began to listen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Transactions {
    pub(crate) begun: u64,
    pub(crate) committed: u64,
    pub(crate) rolled_back: u64,
    pub(crate) unknown: u64,
    /// All replays; `retries` has them by kind.
    pub(crate) retried: u64,
    pub(crate) conflicts: BTreeMap<&'static str, u64>,
    pub(crate) retries: BTreeMap<&'static str, u64>,
    pub(crate) hooks_failed: u64,
}

/// Listens as long as it lives.
#[derive(Debug)]
pub(crate) struct Tally {
    counter: Arc<Counter>,
    _subscription: Subscription,
}

impl Tally {
    pub(crate) fn listen() -> Self {
        let counter = Arc::new(Counter::default());
        Tally {
            _subscription: subscribe(counter.clone()),
            counter,
        }
    }

    /// The numbers so far.
    pub(crate) fn counted(&self) -> Transactions {
        self.counter.lock().clone()
    }
}

#[derive(Debug, Default)]
struct Counter(Mutex<Transactions>);

impl Counter {
    fn lock(&self) -> MutexGuard<'_, Transactions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Counter {
    fn event(&self, event: &Event<'_>) {
        let mut counted = self.lock();
        match event.kind {
            Kind::Begun => counted.begun += 1,
            Kind::Ended { outcome, .. } => match outcome {
                Outcome::Committed => counted.committed += 1,
                Outcome::RolledBack => counted.rolled_back += 1,
                // partly committed is not known to be either
                _ => counted.unknown += 1,
            },
            // a conflict is followed by one of these two, also when it kept the transaction from beginning
            Kind::Replayed { conflict, .. } => {
                counted.retried += 1;
                count(&mut counted.retries, conflict);
                count(&mut counted.conflicts, conflict);
            }
            Kind::GaveUp { conflict, .. } => count(&mut counted.conflicts, conflict),
            Kind::HookFailed { .. } => counted.hooks_failed += 1,
            _ => {}
        }
    }
}

fn count(kinds: &mut BTreeMap<&'static str, u64>, conflict: Option<Conflict>) {
    *kinds
        .entry(conflict.map_or("other", Conflict::name))
        .or_default() += 1;
}
