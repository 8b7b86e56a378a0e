//! The callers: as many at once as the pool has connections and more, each with one call after the other, while a killer
//! is about; knows no checker.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Part;
use super::killer::Killer;
use super::promises::Promise;
use super::record::{End, Ended, Recorder, Tape};
use super::workload::{ATTEMPTS, Call, Dialect, calls};
use crate::place::Place;
use crate::report::{Fault, Verdict};
use crate::script::{Shape, Tally};
use crate::subject::{Client, Engine, Told};
use crate::trials::Run;

const WORKERS: usize = 10;
const CONNECTIONS: u32 = 8;

/// What all callers share.
pub struct Shared {
    pub calls: Vec<Call>,
    pub recorder: Recorder,
    dialect: Dialect,
    client: Arc<dyn Client>,
    place: Arc<Place>,
    next: AtomicUsize,
    faulty: Range<usize>,
    patience: Duration,
    killer: Killer,
    dropped: AtomicU64,
}

impl Shared {
    pub fn new(run: &Run, part: &Part, dialect: Dialect, place: Arc<Place>) -> Arc<Self> {
        // Calm at first, so that enough happens, and in the end, so that what faults left behind is seen.
        let faulty = part.calls * 3 / 10..part.calls * 8 / 10;
        let impatient = if part.subject.driver().is_async() {
            faulty.clone()
        } else {
            0..0
        };
        // Nobody waits for a hang that was made on purpose.
        let patience = if run.sabotage.is_some() { 8 } else { 120 };
        Arc::new(Self {
            calls: calls(run.seed, &part.name(), part.kind, part.calls, impatient),
            recorder: Recorder::default(),
            dialect,
            client: run.open(
                part.subject,
                &place.url(part.subject.driver(), None),
                CONNECTIONS,
            ),
            place,
            next: AtomicUsize::new(0),
            faulty,
            patience: Duration::from_secs(patience),
            killer: Killer::default(),
            dropped: AtomicU64::new(0),
        })
    }

    fn take(&self) -> Option<usize> {
        let index = self.next.fetch_add(1, Ordering::SeqCst);
        (index < self.calls.len()).then_some(index)
    }

    pub fn counts(&self, tape: &Tape) -> Counts {
        let count =
            |is: &dyn Fn(&End) -> bool| tape.ended().filter(|ended| is(&ended.end)).count() as u64;
        Counts {
            ok: count(&|end| matches!(end, End::Ok(_))),
            fail: count(&|end| *end == End::Fail),
            info: count(&|end| *end == End::Info),
            again: tape
                .ended()
                .map(|ended| u64::from(ended.attempts.saturating_sub(1)))
                .sum(),
            met: tape.met(&self.calls) as u64,
            killed: self.killer.hits(),
            dropped: self.dropped.load(Ordering::SeqCst),
        }
    }
}

/// Makes all calls.
pub async fn work(run: &Run, part: &Part, shared: Arc<Shared>) -> Verdict {
    let mut verdict = Verdict::of(super::TRIAL.name);
    let mut rng = run.seed.of(format!("{} killer", part.name()));
    let about = shared.clone();
    // Rarely enough that most transactions live, for a connection is dear.
    let gap = part.kill_every;
    let mortal = about.place.engine() != Engine::Sqlite;
    let points: Vec<_> = about
        .faulty
        .clone()
        .filter(|_| mortal && rng.usize(..gap) == 0)
        .collect();
    let killer = tokio::spawn(async move {
        let (place, next) = (&about.place, &about.next);
        about.killer.prowl(place, &mut rng, &points, next).await;
    });
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        workers.spawn(worker_of(part, worker, shared.clone()));
    }
    while let Some(worker) = workers.join_next().await {
        match worker {
            Ok(part) => verdict.absorb(part),
            Err(panic) => verdict.wrong(Fault::WrongAnswer, format!("{}: {panic}", part.name())),
        }
    }
    killer.abort();
    verdict
}

fn worker_of(
    part: &Part,
    worker: usize,
    shared: Arc<Shared>,
) -> impl Future<Output = Verdict> + use<> {
    let (what, level) = (part.name(), part.level);
    async move {
        let mut verdict = Verdict::of(super::TRIAL.name);
        let mut process = i64::try_from(worker).expect("few workers");
        while let Some(index) = shared.take() {
            while shared.killer.is_behind(index) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let call = &shared.calls[index];
            let shape = if call.retried {
                Shape::RetriedAt(level)
            } else {
                Shape::At(level)
            };
            let tally = Arc::new(Tally::default());
            let script = shared.dialect.script(index, call, &tally);
            shared.recorder.began(process, index);
            let patience = call.dropped_after.unwrap_or(shared.patience);
            let told = tokio::time::timeout(patience, shared.client.call(shape, script))
                .await
                .ok();
            let attempts = tally.bodies.load(Ordering::SeqCst);
            let end = told.as_ref().map_or(End::Info, |told| {
                End::of(told, |seen| shared.dialect.reads(call, seen))
            });
            let is_open = end == End::Info;
            let hangs = told.is_none() && call.dropped_after.is_none();
            let report = || format!("{what}: call {index}, {shape:?}, {:?}: {told:?}", call.ops);
            verdict.expect(!hangs, Fault::Hang, report);
            if let Some(told) = &told {
                let makes_sense = end != End::Ok(None) && !matches!(told, Told::Partly(_));
                verdict.expect(
                    makes_sense && attempts < ATTEMPTS,
                    Fault::WrongAnswer,
                    report,
                );
                verdict.expect(hooks_ran(&tally, told), Fault::WrongHooks, || {
                    format!("{}; {:?}", report(), tally.counts())
                });
            } else {
                shared.dropped.fetch_add(1, Ordering::SeqCst);
            }
            shared.recorder.ended(
                process,
                Ended {
                    call: index,
                    attempts,
                    end,
                },
            );
            if hangs {
                break;
            }
            if is_open {
                // It may still be at work, as if its process lived on.
                process += i64::try_from(WORKERS).expect("few workers");
            }
        }
        verdict
    }
}

/// Whether each attempt's hooks ran as it ended.
fn hooks_ran(tally: &Tally, told: &Told) -> bool {
    let counts = tally.counts();
    let bodies = counts[0];
    match told {
        Told::Committed(_) => counts == [bodies, 1, bodies.saturating_sub(1), 0],
        Told::NotCommitted(_) => counts == [bodies, 0, bodies, 0],
        Told::Unknown(_) => counts == [bodies, 0, bodies.saturating_sub(1), 1],
        Told::Partly(_) => false,
    }
}

/// How much of a history there is.
#[derive(Debug)]
pub struct Counts {
    pub ok: u64,
    fail: u64,
    info: u64,
    again: u64,
    met: u64,
    killed: u64,
    dropped: u64,
}

impl Counts {
    /// A history in which nothing met proves nothing.
    pub fn expect_enough(&self, verdict: &mut Verdict, part: &Part) {
        let calls = part.calls as u64;
        let engine = part.subject.engine();
        let mut expect = |holds: bool, too_few: &str| {
            verdict.expect(holds, Fault::WrongAnswer, || {
                format!("{}: {too_few}: {self:?}", part.name())
            });
        };
        expect(self.ok >= calls / 4, "too few calls committed");
        expect(self.met >= self.ok / 4, "too few calls met");
        let must = Promise::of(engine, part.level).conflicts;
        expect(
            !must || self.again >= calls / 50,
            "too few attempts were made again",
        );
        expect(
            engine == Engine::Sqlite || self.killed > 0,
            "nobody was killed",
        );
        expect(
            !part.subject.driver().is_async() || self.dropped > 0,
            "no call was dropped",
        );
    }

    pub fn figure(&self, strict: bool) -> Value {
        json!({
            "ok": self.ok, "fail": self.fail, "info": self.info, "attempts again": self.again,
            "met another": self.met, "killed": self.killed,
            "dropped": self.dropped, "strict serializable": strict,
        })
    }
}
