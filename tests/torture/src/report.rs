//! What a run found: a verdict for each trial, one table, one line of JSON; knows no trial.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use comfy_table::Table;
use serde_json::{Value, json};

/// What must never happen, by kind. Each is a column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// `Ok`, and it was not stored.
    FalseOk,
    /// Acknowledged once, and lost later.
    LostAcknowledged,
    /// An error that says that nothing is stored, and it was.
    FalseError,
    /// A part of a transaction was stored, or a transaction twice.
    Torn,
    /// A transaction that nobody waits for any more is open.
    LeakedTransaction,
    /// A connection is not set as it was.
    LeakedSetting,
    /// A pool has lost connections.
    LeakedConnection,
    /// Hooks ran that should not have, or did not.
    WrongHooks,
    /// Something did not end.
    Hang,
    /// A history shows what its level of isolation forbids.
    Anomaly,
    /// More attempts, or more waiting, than a budget allows.
    BeyondBudget,
    /// A panic, or an error that does not say what it must.
    WrongAnswer,
}

impl Fault {
    const ALL: [Self; 12] = [
        Self::FalseOk,
        Self::LostAcknowledged,
        Self::FalseError,
        Self::Torn,
        Self::LeakedTransaction,
        Self::LeakedSetting,
        Self::LeakedConnection,
        Self::WrongHooks,
        Self::Hang,
        Self::Anomaly,
        Self::BeyondBudget,
        Self::WrongAnswer,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::FalseOk => "false_ok",
            Self::LostAcknowledged => "lost_acknowledged",
            Self::FalseError => "false_error",
            Self::Torn => "torn",
            Self::LeakedTransaction => "leaked_transactions",
            Self::LeakedSetting => "leaked_settings",
            Self::LeakedConnection => "leaked_connections",
            Self::WrongHooks => "wrong_hooks",
            Self::Hang => "hangs",
            Self::Anomaly => "forbidden_anomalies",
            Self::BeyondBudget => "beyond_budget",
            Self::WrongAnswer => "wrong_answers",
        }
    }
}

/// What a trial found.
#[derive(Debug, Default)]
pub struct Verdict {
    trial: &'static str,
    points: u64,
    unknown_resolved: u64,
    faults: BTreeMap<Fault, u64>,
    anomalies: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    figures: BTreeMap<String, Value>,
}

/// Of one kind, no more are told one by one.
const TOLD: u64 = 10;

impl Verdict {
    pub fn of(trial: &'static str) -> Self {
        Self {
            trial,
            ..Self::default()
        }
    }

    /// Of a trial that could not go on.
    pub fn given_up(trial: &'static str, why: impl Display) -> Self {
        let mut verdict = Self::of(trial);
        verdict.wrong(Fault::WrongAnswer, format!("it gave up: {why}"));
        verdict
    }

    /// One more point was tried.
    pub fn point(&mut self) {
        self.points += 1;
    }

    /// So many more points were tried.
    pub fn points(&mut self, more: u64) {
        self.points += more;
    }

    /// An outcome that its caller did not know was found out by looking.
    pub fn resolved(&mut self) {
        self.unknown_resolved += 1;
    }

    /// Something happened that must not; `what` says where, so that it can be replayed.
    pub fn wrong(&mut self, fault: Fault, what: impl Display) {
        let count = self.faults.entry(fault).or_default();
        *count += 1;
        let (trial, name) = (self.trial, fault.name());
        match (*count).cmp(&(TOLD + 1)) {
            Ordering::Less => eprintln!("!! {trial}: {name}: {what}"),
            Ordering::Equal => eprintln!("!! {trial}: {name}: more of them, counted only"),
            Ordering::Greater => {}
        }
    }

    /// Notes one unless it holds.
    pub fn expect(&mut self, holds: bool, fault: Fault, what: impl FnOnce() -> String) {
        if !holds {
            self.wrong(fault, what());
        }
    }

    /// An anomaly that a level showed on an adapter, whether it may or not.
    pub fn anomaly(&mut self, subject: &str, level: &str, anomaly: &str) {
        let levels = self.anomalies.entry(subject.to_owned()).or_default();
        let shown = levels.entry(level.to_owned()).or_default();
        shown.insert(anomaly.to_owned());
    }

    /// A figure worth telling.
    pub fn figure(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.figures.insert(name.into(), value.into());
    }

    /// Adds what a part of the trial found.
    pub fn absorb(&mut self, part: Self) {
        self.points += part.points;
        self.unknown_resolved += part.unknown_resolved;
        for (fault, count) in part.faults {
            *self.faults.entry(fault).or_default() += count;
        }
        for (subject, levels) in part.anomalies {
            for (level, shown) in levels {
                let all = self.anomalies.entry(subject.clone()).or_default();
                all.entry(level).or_default().extend(shown);
            }
        }
        self.figures.extend(part.figures);
    }

    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// How often something happened that must not.
    pub fn total(&self) -> u64 {
        self.faults.values().sum()
    }
}

/// One line on how a part went, while the rest goes on.
impl Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} points", self.points)?;
        if self.unknown_resolved > 0 {
            write!(f, ", {} unknown outcomes found out", self.unknown_resolved)?;
        }
        for (fault, count) in &self.faults {
            write!(f, ", {} {count}", fault.name())?;
        }
        Ok(())
    }
}

/// What all trials of a run found.
#[derive(Debug, Default)]
pub struct Report {
    verdicts: Vec<(Verdict, f64)>,
}

impl Report {
    /// Adds a trial and the seconds it took.
    pub fn add(&mut self, mut verdict: Verdict, seconds: f64) {
        if verdict.points == 0 {
            verdict.wrong(
                Fault::WrongAnswer,
                "there was nothing to try on these adapters",
            );
        }
        self.verdicts.push((verdict, seconds));
    }

    pub fn is_clean(&self) -> bool {
        self.red().next().is_none()
    }

    /// The trials in which something happened that must not.
    pub fn red(&self) -> impl Iterator<Item = &'static str> {
        let red = self
            .verdicts
            .iter()
            .filter(|(verdict, _)| !verdict.is_clean());
        red.map(|(verdict, _)| verdict.trial)
    }

    /// Trials by what they found.
    pub fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::ASCII_MARKDOWN);
        let columns = ["trial", "points", "unknown resolved"].map(str::to_owned);
        let faults = Fault::ALL.map(|fault| fault.name().replace('_', " "));
        let seconds = ["seconds".to_owned()];
        table.set_header(columns.into_iter().chain(faults).chain(seconds));
        for (verdict, seconds) in &self.verdicts {
            let counts = [verdict.points, verdict.unknown_resolved];
            let faults = Fault::ALL.map(|fault| verdict.faults.get(&fault).copied().unwrap_or(0));
            let name = [verdict.trial.to_owned()];
            let numbers = counts.iter().chain(&faults).map(|count| count.to_string());
            let seconds = [format!("{seconds:.0}")];
            table.add_row(name.into_iter().chain(numbers).chain(seconds));
        }
        table
    }

    /// The same for a program, on one line.
    pub fn json(&self, seed: u64) -> Value {
        let mut line = json!({ "seed": seed, "clean": self.is_clean() });
        let sum = |of: &dyn Fn(&Verdict) -> u64| -> u64 {
            self.verdicts.iter().map(|(verdict, _)| of(verdict)).sum()
        };
        let points: BTreeMap<_, _> = self
            .verdicts
            .iter()
            .map(|(verdict, _)| (verdict.trial, verdict.points))
            .collect();
        line["points"] = json!(points);
        line["unknown_resolved"] = json!(sum(&|verdict| verdict.unknown_resolved));
        for fault in Fault::ALL {
            let count = sum(&|verdict| verdict.faults.get(&fault).copied().unwrap_or(0));
            line[fault.name()] = json!(count);
        }
        for (verdict, _) in &self.verdicts {
            if !verdict.anomalies.is_empty() {
                line["anomalies"][verdict.trial] = json!(verdict.anomalies);
            }
            if !verdict.figures.is_empty() {
                line["figures"][verdict.trial] = json!(verdict.figures);
            }
        }
        line
    }
}
