//! What is stored in the end, as an outsider sees it, held against what the callers were told; knows no adapter.

use std::collections::{HashMap, HashSet};

use adya::r#gen::TxnOp;

use super::record::{End, Ended, Tape};
use super::workload::{Call, Dialect, Kind, element, elements, number_of, receipt_of};
use crate::place::{Place, PlaceError};
use crate::report::{Fault, Verdict};
use crate::subject::Engine;

/// One thing that is written once: an element of a list, or a receipt.
type Mark = (i64, i64);

/// The list that receipts are in.
const RECEIPTS: i64 = -1;

/// All that is stored.
#[derive(Debug)]
pub struct Stored {
    /// What each key reads, in the order of the keys.
    pub keys: Vec<(i64, Vec<i64>)>,
    marks: HashMap<Mark, u32>,
}

impl Stored {
    pub async fn read(place: &Place, dialect: Dialect) -> Result<Self, PlaceError> {
        let text = |expression| dialect.engine.text(expression);
        let table = match dialect.kind {
            Kind::Lists => "lists",
            Kind::Registers => "regs",
        };
        // At once: an outsider's transaction is one of the history.
        let both = dialect.engine.text("k");
        let both = match dialect.engine {
            Engine::Sqlite | Engine::Postgres => format!("{both} || ':' || v"),
            Engine::MySql => format!("CAST(CONCAT({both}, ':', v) AS CHAR)"),
        };
        let rows = place.read(&format!("SELECT {both} FROM {table}")).await?;
        let receipts = place
            .read(&format!("SELECT {} FROM receipts", text("id")))
            .await?;
        let number = |name: &String| name.parse().unwrap_or(i64::MIN);
        let key = |row: &String| {
            let (key, value) = row.split_once(':')?;
            Some((key.parse().ok()?, elements(&[value.to_owned()])?))
        };
        let keys: Vec<(i64, Vec<i64>)> = rows.iter().filter_map(key).collect();
        let mut marks = HashMap::new();
        let lists = keys.iter().filter(|_| dialect.kind == Kind::Lists);
        let elements = lists.flat_map(|(key, list)| list.iter().map(|element| (*key, *element)));
        for mark in elements.chain(receipts.iter().map(|id| (RECEIPTS, number(id)))) {
            *marks.entry(mark).or_default() += 1;
        }
        Ok(Self { keys, marks })
    }

    fn count(&self, marks: &[Mark]) -> usize {
        marks
            .iter()
            .filter(|mark| self.marks.contains_key(mark))
            .count()
    }
}

/// What an attempt of a call leaves behind.
fn marks(kind: Kind, index: usize, call: &Call, attempt: u32) -> Vec<Mark> {
    let appended = |op: &TxnOp| match *op {
        TxnOp::Append(key, number) => Some((key, element(number, attempt))),
        TxnOp::Write(..) | TxnOp::Read(_) => None,
    };
    match kind {
        Kind::Lists => call.ops.iter().filter_map(appended).collect(),
        Kind::Registers if call.writes() => vec![(RECEIPTS, element(receipt_of(index), attempt))],
        Kind::Registers => Vec::new(),
    }
}

/// Looks whether everybody was told the truth.
pub fn check(
    verdict: &mut Verdict,
    what: &str,
    kind: Kind,
    calls: &[Call],
    tape: &Tape,
    stored: &Stored,
) {
    let read = read_by_anyone(calls, tape);
    for ended in tape.ended() {
        let call = &calls[ended.call];
        let told = || format!("{what}: call {} of {:?}, {:?}", ended.call, call.ops, ended);
        for attempt in 1..ended.attempts {
            let undone = marks(kind, ended.call, call, attempt);
            verdict.expect(stored.count(&undone) == 0, Fault::Torn, || {
                format!(
                    "{}: attempt {attempt} was done again, and is stored",
                    told()
                )
            });
        }
        let last = marks(kind, ended.call, call, ended.attempts.max(1));
        judge(verdict, ended, &last, stored, &read, told);
    }
    for (mark, count) in stored.marks.iter().filter(|(_, count)| **count > 1) {
        verdict.wrong(
            Fault::Torn,
            format!("{what}: {mark:?} is stored {count} times"),
        );
    }
    if kind == Kind::Registers {
        check_registers(verdict, what, calls, tape, stored);
    }
}

fn judge(
    verdict: &mut Verdict,
    ended: &Ended,
    last: &[Mark],
    stored: &Stored,
    read: &HashSet<Mark>,
    told: impl Fn() -> String,
) {
    let here = stored.count(last);
    let in_part = here > 0 && here < last.len();
    match &ended.end {
        End::Ok(_) if here == last.len() => {}
        End::Ok(_) => {
            let was_there = last
                .iter()
                .any(|mark| read.contains(mark) && !stored.marks.contains_key(mark));
            let fault = match (was_there, in_part) {
                (true, _) => Fault::LostAcknowledged,
                (false, true) => Fault::Torn,
                (false, false) => Fault::FalseOk,
            };
            verdict.wrong(
                fault,
                format!("{}: {here} of {} are stored", told(), last.len()),
            );
        }
        End::Fail => verdict.expect(here == 0, Fault::FalseError, || {
            format!("{}: stored", told())
        }),
        End::Info => {
            verdict.resolved();
            verdict.expect(!in_part, Fault::Torn, || {
                format!("{}: a part is stored", told())
            });
        }
    }
}

/// All elements that a committed call has read.
fn read_by_anyone(calls: &[Call], tape: &Tape) -> HashSet<Mark> {
    let mut all = HashSet::new();
    for ended in tape.ended() {
        let End::Ok(Some(reads)) = &ended.end else {
            continue;
        };
        let keys = calls[ended.call].ops.iter().filter_map(|op| match *op {
            TxnOp::Read(key) => Some(key),
            TxnOp::Append(..) | TxnOp::Write(..) => None,
        });
        for (key, read) in keys.zip(reads) {
            all.extend(read.iter().map(|element| (key, *element)));
        }
    }
    all
}

/// A register holds what somebody wrote last who may have committed.
fn check_registers(
    verdict: &mut Verdict,
    what: &str,
    calls: &[Call],
    tape: &Tape,
    stored: &Stored,
) {
    let ends: HashMap<_, _> = tape.ended().map(|ended| (ended.call, ended)).collect();
    let mut writers = HashMap::new();
    for (index, call) in calls.iter().enumerate() {
        for op in call.ops.iter() {
            if let TxnOp::Write(key, number) = *op {
                writers.insert((key, number), index);
            }
        }
    }
    let here: HashMap<_, _> = stored
        .keys
        .iter()
        .map(|(key, value)| (*key, value))
        .collect();
    for (key, value) in &here {
        let (number, attempt) = value.first().map_or((-1, 0), |value| number_of(*value));
        let writer = writers.get(&(*key, number)).copied();
        let Some((index, ended)) = writer.and_then(|index| Some((index, ends.get(&index)?))) else {
            verdict.wrong(
                Fault::Torn,
                format!("{what}: nobody wrote {value:?} to {key}"),
            );
            continue;
        };
        let told = || {
            format!(
                "{what}: {key} is {value:?}, of {:?}, {ended:?}",
                calls[index].ops
            )
        };
        verdict.expect(ended.end != End::Fail, Fault::FalseError, told);
        let is_last = last_written(&calls[index], *key) == Some(number);
        verdict.expect(is_last && attempt == ended.attempts, Fault::Torn, told);
    }
    for ended in tape.ended().filter(|ended| matches!(ended.end, End::Ok(_))) {
        for op in calls[ended.call].ops.iter() {
            if let TxnOp::Write(key, _) = *op {
                verdict.expect(here.contains_key(&key), Fault::LostAcknowledged, || {
                    format!("{what}: {key} is empty, after {ended:?}")
                });
            }
        }
    }
}

fn last_written(call: &Call, wanted: i64) -> Option<i64> {
    let written = |op: &TxnOp| match *op {
        TxnOp::Write(key, number) if key == wanted => Some(number),
        TxnOp::Append(..) | TxnOp::Write(..) | TxnOp::Read(_) => None,
    };
    call.ops.iter().rev().find_map(written)
}

/// Keys that a committed call read twice, and not the same, though it had not written them.
pub fn unrepeated(calls: &[Call], tape: &Tape) -> Vec<String> {
    let mut found = Vec::new();
    for ended in tape.ended() {
        let End::Ok(Some(reads)) = &ended.end else {
            continue;
        };
        let (mut written, mut before, mut reads) = (HashSet::new(), HashMap::new(), reads.iter());
        for op in calls[ended.call].ops.iter() {
            match *op {
                TxnOp::Append(key, _) | TxnOp::Write(key, _) => drop(written.insert(key)),
                TxnOp::Read(key) => {
                    let read = reads.next();
                    let first = *before.entry(key).or_insert(read);
                    if first != read && !written.contains(&key) {
                        found.push(format!(
                            "call {} read {key} as {first:?}, then {read:?}",
                            ended.call
                        ));
                    }
                }
            }
        }
    }
    found
}
