//! What must hold after a storm, by the callers' account, by the observers' and by the rows; runs nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use txkit::retry::{self, Reason};

use super::super::Run;
use super::storm::{Call, Ended, Measured, Storm};
use super::work::{self, Job};
use super::{Bucket, TRIAL};
use crate::place::Place;
use crate::report::{Fault, Verdict};
use crate::subject::{Engine, Failure, Subject, Told};
use crate::subjects::PATIENCE;

/// What the functions of the shapes that retry declare.
const ATTEMPTS: u32 = 10;
const BUDGET: Duration = Duration::from_secs(30);
/// What the statements of the last attempt may take.
const STATEMENTS: Duration = Duration::from_secs(20);
/// No attempt begins once the budget is used up, and the last one waits for its turn and for its connection.
const LONGEST: Duration = BUDGET
    .saturating_add(PATIENCE)
    .saturating_add(PATIENCE)
    .saturating_add(STATEMENTS);

struct Judge<'j> {
    verdict: Verdict,
    measured: Measured,
    engine: Engine,
    bucket: Bucket,
    storm: Storm,
    ended: &'j Ended,
    what: String,
    /// Of the calls that told of a conflict, the bodies that they ran.
    lost: Vec<u32>,
}

pub async fn judge(
    run: &Run,
    subject: &dyn Subject,
    place: &Place,
    storm: Storm,
    bucket: Bucket,
    ended: &Ended,
) -> (Verdict, Measured) {
    let tokens_left = retry::budget().tokens();
    let rows = work::rows(place).await;
    let with = if bucket.is_off() {
        "no bucket"
    } else {
        "a bucket"
    };
    let mut judge = Judge {
        verdict: Verdict::of(TRIAL.name),
        measured: Measured::default(),
        engine: subject.engine(),
        bucket,
        storm,
        ended,
        what: format!(
            "{} {storm:?} with {with}, seed {}",
            subject.name(),
            run.seed
        ),
        lost: Vec::new(),
    };
    judge.verdict.points(ended.calls.len() as u64);
    for call in &ended.calls {
        judge.call(call);
    }
    judge.hung();
    judge.stored(&rows);
    judge.replays(tokens_left);
    judge.those_who_gave_up();
    (judge.verdict, judge.measured)
}

impl Judge<'_> {
    fn wrong(&mut self, fault: Fault, what: impl std::fmt::Display) {
        self.verdict
            .wrong(fault, format_args!("{}: {what}", self.what));
    }

    fn call(&mut self, call: &Call) {
        self.measured.calls += 1;
        self.measured.longest = self.measured.longest.max(call.elapsed);
        let [bodies, ..] = call.tally.counts();
        let id = call.job.id;
        if bodies > ATTEMPTS {
            self.wrong(
                Fault::BeyondBudget,
                format_args!("call {id} ran {bodies} bodies"),
            );
        }
        if call.elapsed > LONGEST {
            self.wrong(
                Fault::BeyondBudget,
                format_args!("call {id} took {:?}", call.elapsed),
            );
        }
        match &call.told {
            Told::Committed(seen) => {
                self.measured.committed += 1;
                if let Some(anomaly) = self.storm.work.judge_seen(seen) {
                    self.wrong(Fault::Anomaly, format_args!("call {id}: {anomaly}"));
                }
            }
            Told::NotCommitted(failure) => self.failed(call, bodies, failure),
            // Nobody has cut a wire.
            told => self.wrong(Fault::WrongAnswer, format_args!("call {id}: {told:?}")),
        }
    }

    /// An error must be a conflict's, or the pool's.
    fn failed(&mut self, call: &Call, bodies: u32, failure: &Failure) {
        use txkit::Error::{Acquire, Begin, Commit};
        let told = match failure.tx() {
            Some(Acquire { .. }) => {
                self.measured.impatient += 1;
                return;
            }
            Some(Begin { attempts, .. } | Commit { attempts, .. }) => Some(*attempts),
            _ => None,
        };
        self.lost.push(bodies);
        let is_honest = failure.conflict().is_some()
            && told.is_none_or(|attempts| (bodies..=ATTEMPTS).contains(&attempts));
        if !is_honest {
            let id = call.job.id;
            self.wrong(
                Fault::WrongAnswer,
                format_args!("call {id}, {bodies} bodies: {failure:?}"),
            );
        }
    }

    /// Who did not come back: workers, and connections.
    fn hung(&mut self) {
        for _ in 0..self.ended.hung {
            self.wrong(Fault::Hang, "a worker did not come back");
        }
        if let Some((fault, wrong)) = &self.ended.pool {
            self.wrong(*fault, wrong);
        }
    }

    /// What was told against what is stored.
    fn stored(&mut self, rows: &work::Rows) {
        let mut marks: BTreeMap<i64, u32> = BTreeMap::new();
        for id in &rows.marks {
            *marks.entry(*id).or_default() += 1;
        }
        let mut stored: Vec<Job> = Vec::new();
        for call in &self.ended.calls {
            let (id, times) = (call.job.id, marks.remove(&call.job.id).unwrap_or(0));
            stored.extend((0..times).map(|_| call.job));
            match (&call.told, times) {
                (_, 2..) => self.wrong(
                    Fault::Torn,
                    format_args!("call {id} is stored {times} times"),
                ),
                (Told::Committed(_), 0) => self.wrong(Fault::FalseOk, format_args!("call {id}")),
                (Told::NotCommitted(why), 1) => {
                    self.wrong(Fault::FalseError, format_args!("call {id}: {why:?}"));
                }
                (Told::Unknown(_), _) => self.verdict.resolved(),
                _ => {}
            }
        }
        // A worker that hangs keeps its last call to itself.
        if self.ended.hung > 0 {
            return;
        }
        if let Some(wrong) = self.storm.work.judge(rows, &stored) {
            let fault = match self.storm.work {
                work::Work::Crossing => Fault::Torn,
                _ => Fault::Anomaly,
            };
            self.wrong(fault, wrong);
        }
    }

    /// The law of the bucket: tokens taken and tokens left are never more than were put in.
    fn replays(&mut self, tokens_left: u64) {
        let replayed = self.ended.witness.replayed();
        self.measured.replayed = replayed;
        let bodies = self
            .ended
            .calls
            .iter()
            .map(|call| u64::from(call.tally.counts()[0]));
        let bodies: u64 = bodies.sum();
        let again: u64 = self
            .ended
            .calls
            .iter()
            .map(|call| u64::from(call.tally.counts()[0].saturating_sub(1)))
            .sum();
        if self.ended.hung == 0 && bodies > self.measured.calls + replayed {
            let calls = self.measured.calls;
            self.wrong(
                Fault::BeyondBudget,
                format_args!("{bodies} bodies for {calls} calls and {replayed} replays"),
            );
        }
        let Bucket { capacity, deposit } = self.bucket;
        if !self.bucket.is_off() && self.ended.hung == 0 {
            let put_in = capacity + deposit * self.measured.committed;
            if again.max(replayed) + tokens_left > put_in {
                self.wrong(
                    Fault::BeyondBudget,
                    format_args!(
                        "{replayed} replays, {again} bodies run again, {tokens_left} tokens left of {put_in}"
                    ),
                );
            }
        }
        let conflicts = replayed + self.ended.witness.gave_up().len() as u64;
        if self.storm.work.must_conflict(self.engine) && conflicts == 0 {
            self.wrong(
                Fault::WrongAnswer,
                "nothing conflicted, which proves nothing",
            );
        }
    }

    /// Each error of a conflict was given up once, for a reason, and after as many attempts as there were.
    fn those_who_gave_up(&mut self) {
        let gave_up = self.ended.witness.gave_up();
        let count = |wanted| {
            gave_up
                .iter()
                .filter(|(_, reason)| *reason == wanted)
                .count() as u64
        };
        self.measured.exhausted = count(Reason::Attempts);
        self.measured.refused = count(Reason::Budget);
        for (attempts, reason) in &gave_up {
            let fits = match reason {
                Reason::Attempts => *attempts == ATTEMPTS,
                Reason::Budget => !self.bucket.is_off() && *attempts < ATTEMPTS,
                _ => *attempts < ATTEMPTS,
            };
            if !fits {
                self.wrong(
                    Fault::WrongAnswer,
                    format_args!("gave up after attempt {attempts} because of {reason:?}"),
                );
            }
        }
        let mut told: Vec<u32> = gave_up.iter().map(|(attempts, _)| *attempts).collect();
        told.sort_unstable();
        self.lost.sort_unstable();
        // An attempt that SQLite would not begin ran no body.
        let agree = match self.engine {
            Engine::Sqlite => told.len() == self.lost.len(),
            _ => told == self.lost,
        };
        if !agree && self.ended.hung == 0 {
            let lost = std::mem::take(&mut self.lost);
            self.wrong(
                Fault::WrongAnswer,
                format_args!("callers lost after {lost:?} attempts, observers heard of {told:?}"),
            );
        }
    }
}
