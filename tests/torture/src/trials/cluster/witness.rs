//! What txkit tells its observers: who lost a conflict where, and what became of it; knows no cluster.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};
use txkit::observe::{Event, Kind, Observer};
use txkit::{Outcome, Reason};

/// One account for each adapter, by the path of its functions.
#[derive(Debug, Default)]
pub struct Witness(Mutex<BTreeMap<String, Account>>);

/// What is known of an adapter's transactions.
#[derive(Clone, Debug, Default)]
pub struct Account {
    conflicts: BTreeMap<String, u64>,
    /// Of those that the database told at COMMIT, the ones of functions that are made again.
    pub retried_at_commit: u64,
    replayed: u64,
    gave_up: BTreeMap<String, u64>,
    rollbacks_failed: u64,
}

impl Witness {
    pub fn account(&self, adapter: &str) -> Account {
        let accounts = self.0.lock().expect("nobody panics");
        accounts.get(adapter).cloned().unwrap_or_default()
    }
}

impl Account {
    /// How many calls of functions that are made again ended with a conflict.
    pub fn gave_up(&self) -> u64 {
        self.gave_up.values().sum()
    }

    pub fn figure(&self) -> Value {
        json!({
            "conflicts": self.conflicts,
            "replayed": self.replayed,
            "gave up": self.gave_up,
            "rollbacks failed": self.rollbacks_failed,
        })
    }
}

impl Observer for Witness {
    fn event(&self, event: &Event<'_>) {
        let name = event.function.name();
        let is_retried = name.contains("::retried");
        let mut accounts = self.0.lock().expect("nobody panics");
        let account = accounts.entry(adapter(name)).or_default();
        match &event.kind {
            Kind::Ended {
                outcome: Outcome::RolledBack,
                reason,
                conflict: Some(conflict),
                ..
            } => {
                let at_commit = *reason == Some(Reason::NotCommitted);
                let place = if at_commit { "COMMIT" } else { "statement" };
                let kind = format!("{place}: {conflict:?}");
                *account.conflicts.entry(kind).or_default() += 1;
                account.retried_at_commit += u64::from(at_commit && is_retried);
            }
            Kind::Replayed { .. } => account.replayed += 1,
            Kind::GaveUp { reason, .. } if is_retried => {
                *account.gave_up.entry(format!("{reason:?}")).or_default() += 1;
            }
            Kind::RollbackFailed { .. } => account.rollbacks_failed += 1,
            _ => {}
        }
    }
}

/// The adapter's name by that of a module, such as `diesel_async_mysql`.
fn adapter(function: &str) -> String {
    let of_mysql = |part: &&str| part.ends_with("_mysql");
    let module = function.split("::").find(of_mysql).unwrap_or_default();
    module.replace('_', "-")
}
