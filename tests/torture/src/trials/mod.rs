//! The trials, one module each, and what all of them are given; knows no adapter.

mod calm;
mod cancel;
mod cluster;
mod cut;
mod hermitage;
mod histories;
pub mod kill;
mod macros;
mod pools;
mod starving;
mod storms;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::report::Verdict;
use crate::sabotage::{Sabotage, Saboteur};
use crate::seed::Seed;
use crate::subject::{Boxed, Client, Subject};
use crate::subjects;

/// How much of each trial is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A slice of each.
    Quick,
    /// All of it.
    Full,
}

impl Size {
    /// One of two numbers.
    pub fn of<T>(self, quick: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}

/// What a trial is given.
#[derive(Clone)]
pub struct Run {
    pub size: Size,
    pub seed: Seed,
    /// The adapters to torture.
    pub subjects: Vec<&'static dyn Subject>,
    /// The fault to make.
    pub sabotage: Option<Sabotage>,
}

impl Run {
    /// A pool of an adapter's, with the saboteur before it if there is one.
    pub fn open(&self, subject: &dyn Subject, url: &str, size: u32) -> Arc<dyn Client> {
        let client = subject.open(url, size);
        match self.sabotage {
            Some(sabotage) => Arc::new(Saboteur::new(sabotage, client)),
            None => client,
        }
    }

    /// What runs one trial of this run again.
    pub fn again(&self, trial: &str) -> String {
        let size = self.size.of("--quick", "--full");
        let mut line = format!(
            "tests/run torture {size} --seed {} --only {trial}",
            self.seed
        );
        if self.subjects.len() < subjects::ALL.len() {
            for subject in &self.subjects {
                line.push_str(" --subject ");
                line.push_str(&subject.name());
            }
        }
        line
    }

    /// Whether a trial that is sabotaged has shown that it notices.
    pub fn has_seen_enough(&self, verdict: &Verdict) -> bool {
        self.sabotage.is_some() && verdict.total() >= 5
    }
}

/// A trial.
pub struct Trial {
    pub name: &'static str,
    /// What it tries, for `--list`.
    pub about: &'static str,
    pub run: fn(Run) -> Boxed<Verdict>,
}

/// All of them, in the order they run.
pub const ALL: &[Trial] = &[
    calm::TRIAL,
    macros::TRIAL,
    hermitage::TRIAL,
    histories::TRIAL,
    cut::TRIAL,
    cancel::TRIAL,
    storms::TRIAL,
    starving::TRIAL,
    kill::TRIAL,
    cluster::TRIAL,
];

/// What a future gives, unless it hangs: two minutes are for a hopeless machine, not part of any trial.
pub async fn bounded<F: Future>(future: F) -> Option<F::Output> {
    let patience = *PATIENCE.get_or_init(|| Duration::from_secs(120));
    tokio::time::timeout(patience, future).await.ok()
}

static PATIENCE: OnceLock<Duration> = OnceLock::new();

/// Takes a hang for one sooner, because there will be one.
pub fn expect_hangs() {
    let _ = PATIENCE.set(Duration::from_secs(3));
}
