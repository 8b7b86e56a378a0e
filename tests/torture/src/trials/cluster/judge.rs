//! Whether what callers were told is true of every node; knows no driver and no fault.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::calls::{ATTEMPTS, is_retried};
use super::journal::Entry;
use super::kinds;
use super::nodes::Stored;
use crate::report::{Fault, Verdict};
use crate::subject::{Failure, Told};

/// What is known of an adapter's calls so far.
#[derive(Default)]
pub struct Ledger {
    moves: BTreeMap<i64, Vec<(i64, i64)>>,
    /// Those that were seen to be stored.
    stored: BTreeSet<i64>,
    acknowledged: u64,
    unknown_stored: u64,
    unknown_lost: u64,
    errors: BTreeMap<String, u64>,
    /// Functions that make ten attempts, and came back with a conflict.
    pub beaten: u64,
    pub beaten_early: Vec<String>,
}

/// How much of a call is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    None,
    Half,
    All,
}

fn part(stored: &Stored, token: i64) -> Part {
    match stored.entries.get(&token).map(Vec::as_slice) {
        None => Part::None,
        Some([1, 2]) => Part::All,
        Some(_) => Part::Half,
    }
}

impl Ledger {
    /// Judges a phase; no call of it may be going on.
    pub fn judge(
        &mut self,
        verdict: &mut Verdict,
        what: &str,
        entries: Vec<Entry>,
        nodes: &[Stored],
        rows: &[i64],
    ) {
        self.nothing_is_lost(verdict, what, nodes);
        for entry in entries {
            verdict.point();
            let what = format!(
                "{what}: {:?} at node {}, token {}",
                entry.shape, entry.node, entry.token
            );
            let Some(told) = &entry.told else {
                verdict.wrong(Fault::Hang, what);
                continue;
            };
            hooks(verdict, &entry, told, &what);
            self.judge_one(verdict, &entry, told, nodes, &what);
            self.moves.insert(entry.token, entry.moves);
        }
        for (at, stored) in nodes.iter().enumerate() {
            self.sums(verdict, &format!("{what}: node {at}"), stored, rows);
        }
    }

    fn judge_one(
        &mut self,
        verdict: &mut Verdict,
        entry: &Entry,
        told: &Told,
        nodes: &[Stored],
        what: &str,
    ) {
        let parts: Vec<Part> = nodes.iter().map(|node| part(node, entry.token)).collect();
        let told_what = || format!("{what}: {told:?}, stored on the nodes: {parts:?}");
        let alike = parts.iter().all(|part| *part == parts[0]);
        let whole = alike && parts[0] != Part::Half;
        verdict.expect(whole, Fault::Torn, told_what);
        let all = parts.iter().all(|part| *part == Part::All);
        let none = parts.iter().all(|part| *part == Part::None);
        match told {
            Told::Committed(_) => {
                self.acknowledged += 1;
                verdict.expect(all, Fault::FalseOk, told_what);
            }
            Told::NotCommitted(failure) => {
                verdict.expect(none, Fault::FalseError, told_what);
                self.beaten(entry, failure, what);
            }
            Told::Unknown(_) => {
                verdict.resolved();
                self.unknown_stored += u64::from(all);
                self.unknown_lost += u64::from(none);
            }
            Told::Partly(_) => verdict.wrong(Fault::WrongAnswer, told_what()),
        }
        if let Some(kind) = kinds::kind(told) {
            *self.errors.entry(kind).or_default() += 1;
        }
        if all {
            self.stored.insert(entry.token);
        }
    }

    fn beaten(&mut self, entry: &Entry, failure: &Failure, what: &str) {
        if !is_retried(entry.shape) || !kinds::is_conflict(failure) {
            return;
        }
        self.beaten += 1;
        if entry.counts[0] < ATTEMPTS {
            self.beaten_early.push(format!("{what}: {failure}"));
        }
    }

    /// What was stored once is stored everywhere, whoever died since.
    fn nothing_is_lost(&self, verdict: &mut Verdict, what: &str, nodes: &[Stored]) {
        for (at, node) in nodes.iter().enumerate() {
            for token in &self.stored {
                let is_there = part(node, *token) == Part::All;
                verdict.expect(is_there, Fault::LostAcknowledged, || {
                    format!("{what}: node {at} has lost token {token}")
                });
            }
        }
    }

    /// A row is the sum of all that is stored.
    fn sums(&self, verdict: &mut Verdict, what: &str, stored: &Stored, rows: &[i64]) {
        let is_stored = |token: i64| part(stored, token) == Part::All;
        for row in rows {
            let moves = self.moves.iter().filter(|(token, _)| is_stored(**token));
            let of_row = moves.flat_map(|(_, moves)| moves);
            let sum: i64 = of_row
                .filter(|(moved, _)| moved == row)
                .map(|(_, by)| by)
                .sum();
            let found = stored.counters.get(row).copied();
            verdict.expect(found == Some(sum), Fault::LostAcknowledged, || {
                format!("{what}: row {row} is {found:?}, and what was stored adds up to {sum}")
            });
        }
    }

    pub fn figure(&self) -> Value {
        json!({
            "acknowledged": self.acknowledged,
            "unknown, stored": self.unknown_stored,
            "unknown, not stored": self.unknown_lost,
            "errors": self.errors,
        })
    }
}

/// Each attempt's hooks ran once, and those after commit only if it did.
fn hooks(verdict: &mut Verdict, entry: &Entry, told: &Told, what: &str) {
    let [bodies, committed, rolled_back, unknown] = entry.counts;
    let ended_so = match told {
        Told::Committed(_) => [1, 0],
        Told::NotCommitted(_) | Told::Partly(_) => [0, 0],
        Told::Unknown(_) => [0, 1],
    };
    let right = [committed, unknown] == ended_so && committed + rolled_back + unknown == bodies;
    verdict.expect(right, Fault::WrongHooks, || {
        format!("{what}: {told:?}, and hooks {:?}", entry.counts)
    });
}
