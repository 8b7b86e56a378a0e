//! One storm: workers that call at the same time until their calls are used up; judges nothing.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::super::{Run, bounded, pools};
use super::witness::Witness;
use super::work::{self, Job, Opening, Work};
use crate::place::Place;
use crate::report::Fault;
use crate::script::{Gate, Tally};
use crate::subject::{Client, Engine, Subject, Told};

/// A storm to be.
#[derive(Clone, Copy, Debug)]
pub struct Storm {
    pub work: Work,
    pub workers: u32,
    pub pool: u32,
    pub calls: u32,
}

/// A storm that was.
pub struct Ended {
    pub calls: Vec<Call>,
    /// How many workers did not come back.
    pub hung: u32,
    /// What is wrong with the pool.
    pub pool: Option<(Fault, String)>,
    pub witness: Arc<Witness>,
}

/// A call that ended.
pub struct Call {
    pub job: Job,
    pub tally: Arc<Tally>,
    pub told: Told,
    pub elapsed: Duration,
}

/// A worker's part.
struct Worker {
    client: Arc<dyn Client>,
    engine: Engine,
    work: Work,
    /// With the first call's opening, if it has one.
    jobs: Vec<(Job, Arc<Tally>, Option<Opening>)>,
}

impl Storm {
    pub async fn run(self, run: &Run, subject: &dyn Subject, place: &Place) -> Ended {
        work::renew(place).await;
        let witness = Arc::new(Witness::default());
        let _subscription = txkit::observe::subscribe(witness.clone());
        let client = run.open(subject, &place.url(subject.driver(), None), self.pool);
        let gate = self
            .work
            .must_conflict(subject.engine())
            .then(Gate::default);
        let mut workers = JoinSet::new();
        for number in 0..self.workers {
            if number == 2
                && let Some(gate) = &gate
            {
                self.meeting(gate, &witness).await;
            }
            let opening = gate.as_ref().filter(|_| number < 2);
            let jobs = self.jobs(run, subject, number, opening);
            let worker = Worker {
                client: client.clone(),
                engine: subject.engine(),
                work: self.work,
                jobs,
            };
            workers.spawn(worker.calls());
        }
        if let Some(gate) = gate.filter(|_| self.workers == 2) {
            self.meeting(&gate, &witness).await;
        }
        let (mut calls, mut hung) = (Vec::new(), 0);
        while let Some(part) = workers.join_next().await {
            let (more, is_back) = part.expect("a worker does not panic");
            calls.extend(more);
            hung += u32::from(!is_back);
        }
        let pool = pools::fault(place, &*client).await;
        Ended {
            calls,
            hung,
            pool,
            witness,
        }
    }

    /// Lets the first two go on when neither can without the other.
    async fn meeting(self, gate: &Gate, witness: &Witness) {
        let met = async {
            let has_conflict = || self.work.meeting() == 2 || witness.replayed() > 0;
            while gate.arrived() < self.work.meeting() || !has_conflict() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        // Whoever does not come is missed as a worker that hangs.
        let _met = bounded(met).await;
        gate.open(2);
    }

    fn jobs(
        self,
        run: &Run,
        subject: &dyn Subject,
        worker: u32,
        gate: Option<&Gate>,
    ) -> Vec<(Job, Arc<Tally>, Option<Opening>)> {
        let place = format!("storms {} {:?} {worker}", subject.name(), self);
        let mut chance = run.seed.of(place);
        let job = |round| {
            let job = Job {
                id: i64::from(worker * 10_000 + round),
                worker,
                round,
                amount: chance.i64(1..10),
            };
            let tally = Arc::new(Tally::default());
            let opening = gate.filter(|_| round == 0).map(|gate| Opening {
                gate: gate.clone(),
                tally: tally.clone(),
            });
            (job, tally, opening)
        };
        (0..self.calls / self.workers).map(job).collect()
    }
}

impl Worker {
    /// Its calls, and whether all of them came back.
    async fn calls(self) -> (Vec<Call>, bool) {
        let mut calls = Vec::new();
        for (job, tally, opening) in self.jobs {
            let script = self.work.script(self.engine, job, tally.clone(), opening);
            let start = Instant::now();
            let call = self.client.call(self.work.shape(), script);
            let Some(told) = bounded(call).await else {
                return (calls, false);
            };
            calls.push(Call {
                job,
                tally,
                told,
                elapsed: start.elapsed(),
            });
        }
        (calls, true)
    }
}

/// What a storm cost.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    pub calls: u64,
    pub committed: u64,
    pub replayed: u64,
    /// Errors because the attempts were used up, and because the bucket was empty.
    pub exhausted: u64,
    pub refused: u64,
    /// Calls that the pool had no connection for.
    pub impatient: u64,
    pub longest: Duration,
}

impl Measured {
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.committed += other.committed;
        self.replayed += other.replayed;
        self.exhausted += other.exhausted;
        self.refused += other.refused;
        self.impatient += other.impatient;
        self.longest = self.longest.max(other.longest);
    }

    /// Attempts made for each call.
    fn amplification(&self) -> f64 {
        let attempts = self.calls + self.replayed;
        (attempts as f64 / self.calls.max(1) as f64 * 100.0).round() / 100.0
    }

    pub fn told(&self) -> Value {
        json!({
            "amplification": self.amplification(),
            "calls": self.calls,
            "committed": self.committed,
            "replays": self.replayed,
            "attempts_used_up": self.exhausted,
            "bucket_empty": self.refused,
            "no_connection": self.impatient,
            "longest_ms": self.longest.as_millis() as u64,
        })
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amplification = self.amplification();
        write!(
            f,
            "{amplification:.2} attempts a call ({} of {} committed)",
            self.committed, self.calls
        )
    }
}
