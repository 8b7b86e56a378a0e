//! One round: all callers at once on one pool, and what they were told against what is stored; knows no adapter.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::super::{Run, bounded};
use super::TRIAL;
use super::party::{Answer, Caller, Kind};
use crate::place::Place;
use crate::report::{Fault, Verdict};
use crate::script::Gate;
use crate::subject::{Client, Failure, Subject, Told};

/// More passes than anybody asks for, saboteurs included.
const ALL: usize = 1_000;

/// How the callers come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// All of them hold a first connection before any asks for a second one.
    pub meets: bool,
    /// Nobody has asked this pool for a second connection yet.
    pub is_fresh: bool,
    pub depth: u32,
}

impl Manner {
    pub fn name(self) -> String {
        let meets = if self.meets { "meeting" } else { "free" };
        let fresh = if self.is_fresh { " first" } else { "" };
        format!("{meets}{fresh}, {} deep", self.depth)
    }
}

/// A round to be.
pub struct Round<'r> {
    pub run: &'r Run,
    pub subject: &'r dyn Subject,
    pub place: &'r Place,
    pub client: &'r Arc<dyn Client>,
    pub size: u32,
    pub kind: Kind,
    pub manner: Manner,
    pub callers: Vec<Caller>,
}

/// What it was.
pub struct Ended {
    pub verdict: Verdict,
    pub refused: u64,
    pub is_hung: bool,
}

impl Round<'_> {
    fn what(&self) -> String {
        format!(
            "{} {:?} {}, {} callers on a pool of {}, seed {}",
            self.subject.name(),
            self.kind,
            self.manner.name(),
            self.callers.len(),
            self.size,
            self.run.seed
        )
    }

    /// How many outer transactions can be open at once: one connection is left free as soon as a second one was asked for.
    fn holders(&self) -> u32 {
        let room = match self.size {
            1 => 1,
            size if self.manner.is_fresh => size,
            size => size - 1,
        };
        room.min(self.callers.len() as u32)
    }

    /// Whether those who wait could hold the whole pool.
    fn may_starve(&self) -> bool {
        self.manner.depth * self.holders() >= self.size
    }

    pub async fn run(self) -> Ended {
        let gate = Gate::default();
        let mut calls = JoinSet::new();
        for caller in self.callers.clone() {
            let gate = self.manner.meets.then_some(&gate);
            let script = caller.script(self.subject.engine(), gate);
            let client = self.client.clone();
            calls.spawn(async move {
                let call = client.call(caller.kind.outer(), script);
                (caller, bounded(call).await)
            });
        }
        if self.manner.meets {
            let all = self.holders();
            let met = async {
                while gate.arrived() < all {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            // Whoever does not come is missed as one who hangs.
            let _met = bounded(met).await;
            gate.open(ALL);
        }
        let answers = calls.join_all().await;
        self.judge(answers).await
    }

    async fn judge(self, answers: Vec<(Caller, Option<Told>)>) -> Ended {
        let mut verdict = Verdict::of(TRIAL.name);
        let (mut expected, mut unsure) = (BTreeSet::new(), BTreeSet::new());
        let (mut refused, mut is_hung, mut impatient) = (0, false, 0);
        for (caller, told) in answers {
            let Some(told) = told else {
                is_hung = true;
                unsure.extend(caller.row..=caller.row + i64::from(caller.depth));
                verdict.wrong(Fault::Hang, format_args!("{}: {caller:?}", self.what()));
                continue;
            };
            match caller.answer(self.subject.engine(), &told) {
                Ok(answer) => {
                    expected.extend(caller.rows(answer, &told));
                    refused += u64::from(caller.was_refused(answer, &told));
                    impatient += u64::from(answer == Answer::Impatient);
                }
                // The pool could have given one: the server did not.
                Err(_) if is_impatient(&told) && !self.may_starve() => impatient += 1,
                Err(wrong) => {
                    unsure.extend(caller.row + 1..=caller.row + i64::from(caller.depth));
                    expected.extend(caller.outer_row().filter(|_| told.is_committed()));
                    // One that waited until the pool's patience was used up would have waited for ever.
                    let fault = match is_impatient(&told) {
                        true => Fault::Hang,
                        false => Fault::WrongAnswer,
                    };
                    verdict.wrong(fault, format_args!("{}: {caller:?}: {wrong}", self.what()));
                }
            }
        }
        if !is_hung {
            self.judge_refusals(&mut verdict, refused, impatient);
        }
        self.judge_rows(&mut verdict, &expected, &unsure).await;
        Ended {
            verdict,
            refused,
            is_hung,
        }
    }

    /// Refused may be only who would wait for ever: a waiter is sent away when what all waiters hold is the whole pool.
    fn judge_refusals(&self, verdict: &mut Verdict, refused: u64, impatient: u64) {
        let depth = self.manner.depth;
        // There the inner one is refused for want of a second writer, whatever the pool has.
        let counts = !self.kind.is_deadlock(self.subject.engine());
        verdict.expect(
            refused == 0 || self.may_starve() || !counts,
            Fault::WrongAnswer,
            || format!("{}: {refused} were refused falsely", self.what()),
        );
        let all = self.callers.len() as u64 - impatient;
        let must_be = if self.size <= depth || !counts {
            all
        } else if self.manner.meets && self.holders() == self.size {
            1
        } else {
            0
        };
        // A caller that swallowed its inner one's deadlock counts as refused, the others as deadlocked.
        verdict.expect(refused >= must_be || !counts, Fault::WrongAnswer, || {
            format!(
                "{}: {refused} were refused, {must_be} had to be",
                self.what()
            )
        });
    }

    async fn judge_rows(
        &self,
        verdict: &mut Verdict,
        expected: &BTreeSet<i64>,
        unsure: &BTreeSet<i64>,
    ) {
        let rows: BTreeSet<i64> = self.callers.iter().map(|caller| caller.row).collect();
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return;
        };
        let last = last + i64::from(self.manner.depth);
        let id = self.place.engine().text("id");
        let sql = format!("SELECT {id} FROM parts WHERE id BETWEEN {first} AND {last}");
        let read = self.place.read(&sql).await.expect("read the rows");
        let stored: BTreeSet<i64> = read
            .iter()
            .map(|id| id.parse().expect("a number"))
            .collect();
        for row in expected.difference(&stored) {
            let fault = if rows.contains(row) {
                Fault::FalseOk
            } else {
                Fault::Torn
            };
            verdict.wrong(fault, format_args!("{}: row {row} is missing", self.what()));
        }
        for row in stored
            .difference(expected)
            .filter(|row| !unsure.contains(row))
        {
            let fault = if rows.contains(row) {
                Fault::FalseError
            } else {
                Fault::Torn
            };
            verdict.wrong(fault, format_args!("{}: row {row} is stored", self.what()));
        }
    }
}

fn is_impatient(told: &Told) -> bool {
    let error = told.failure().and_then(Failure::tx);
    matches!(error, Some(txkit::Error::Acquire { .. }))
}
