//! Deadlock and conflict storms: every call ends committed within its budget or with an honest error, and the bucket of
//! replays bounds what a storm costs; knows no adapter.

mod laws;
mod storm;
mod witness;
mod work;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use txkit::retry;

use super::{Run, Size, Trial};
use crate::place::Place;
use crate::report::{Fault, Verdict};
use crate::subject::{Boxed, Subject};
use storm::{Measured, Storm};
use work::Work;

pub const TRIAL: Trial = Trial {
    name: "storms",
    about: "deadlocks, hot counters and write skew, 2 to 64 workers, with and without the bucket of replays",
    run,
};

const WORKERS: [u32; 6] = [2, 4, 8, 16, 32, 64];
const POOLS: [u32; 4] = [2, 4, 8, 16];

/// The bucket of all calls of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub capacity: u64,
    pub deposit: u64,
}

impl Bucket {
    /// None.
    const OFF: Self = Self {
        capacity: u64::MAX,
        deposit: 0,
    };
    /// So small that a storm empties it.
    const SMALL: Self = Self {
        capacity: 10,
        deposit: 1,
    };
    /// As a process begins.
    const DEFAULT: Self = Self {
        capacity: 1_000,
        deposit: 10,
    };

    pub fn is_off(self) -> bool {
        self == Self::OFF
    }

    fn fill(self) {
        retry::budget().configure(self.capacity, self.deposit);
    }
}

fn run(run: Run) -> Boxed<Verdict> {
    Box::pin(async move {
        let (mut verdict, mut sums) = (Verdict::of(TRIAL.name), Sums::default());
        for subject in &run.subjects {
            let part = on(&run, *subject, &mut sums).await;
            eprintln!("   {}: {part}", subject.name());
            verdict.absorb(part);
        }
        Bucket::DEFAULT.fill();
        let was_emptied = sums.on.refused > 0 || run.size == Size::Quick;
        verdict.expect(was_emptied, Fault::WrongAnswer, || {
            "no storm emptied the bucket, which proves nothing".to_owned()
        });
        verdict.figure("all adapters", sums.told());
        verdict
    })
}

/// Each storm twice: with the bucket off, and with a small one.
async fn on(run: &Run, subject: &dyn Subject, sums: &mut Sums) -> Verdict {
    let mut verdict = Verdict::of(TRIAL.name);
    let mut table: BTreeMap<String, BTreeMap<u32, Value>> = BTreeMap::new();
    let place = Place::create(subject.engine()).await;
    work::prepare(&place).await;
    let mut spoiled = 0;
    for (work, workers, pool) in storms(run, subject) {
        let storm = Storm {
            work,
            workers,
            pool,
            calls: run.size.of(48, 96).max(workers * 2),
        };
        let mut measured = Vec::new();
        for bucket in [Bucket::OFF, Bucket::SMALL] {
            let (cost, stopped) = one(run, subject, &place, storm, bucket).await;
            verdict.absorb(stopped.verdict);
            measured.push(cost);
            // The others would hang as well.
            if stopped.is_over {
                return verdict;
            }
        }
        let [off, on] = &measured[..] else { continue };
        sums.add(off, on);
        let told = json!({ "pool": pool, "off": off.told(), "on": on.told() });
        table.entry(work.name()).or_default().insert(workers, told);
        eprintln!(
            "      {} {} of {workers} on {pool}: {off} with no bucket, {on} with one",
            subject.name(),
            work.name()
        );
        spoiled += u32::from(!verdict.is_clean());
        // A saboteur has been noticed.
        if run.sabotage.is_some() && spoiled >= 3 {
            break;
        }
    }
    let open = place.open_transactions().await;
    verdict.expect(open.is_empty(), Fault::LeakedTransaction, || {
        format!("{} after its storms: {open:?}", subject.name())
    });
    verdict.figure(subject.name(), json!(table));
    verdict
}

struct Stopped {
    verdict: Verdict,
    is_over: bool,
}

async fn one(
    run: &Run,
    subject: &dyn Subject,
    place: &Place,
    storm: Storm,
    bucket: Bucket,
) -> (Measured, Stopped) {
    bucket.fill();
    let ended = storm.run(run, subject, place).await;
    let (verdict, measured) = laws::judge(run, subject, place, storm, bucket, &ended).await;
    let is_over = ended.hung > 0 || ended.pool.is_some();
    (measured, Stopped { verdict, is_over })
}

/// All of an adapter's, or some of each kind.
fn storms(run: &Run, subject: &dyn Subject) -> Vec<(Work, u32, u32)> {
    let works = Work::of(subject.engine());
    if run.sabotage.is_some() {
        // Fierce enough for any saboteur.
        return works.into_iter().map(|work| (work, 32, 8)).collect();
    }
    let mut all = Vec::new();
    for work in sample(run, subject, works) {
        let mut chance = run
            .seed
            .of(format_args!("storms {} {}", subject.name(), work.name()));
        let chosen = work.quick_size(&mut chance);
        for (at, workers) in WORKERS.into_iter().enumerate() {
            let pool = POOLS[chance.usize(..POOLS.len())];
            if run.size == Size::Full || at == chosen {
                all.push((work, workers, pool));
            }
        }
    }
    all
}

/// All kinds, or the two fiercest and one more.
fn sample(run: &Run, subject: &dyn Subject, mut works: Vec<Work>) -> Vec<Work> {
    if run.size == Size::Quick {
        let mut chance = run.seed.of(format_args!("storms {}", subject.name()));
        chance.shuffle(&mut works);
        works.sort_by_key(|work| !work.is_fierce());
        works.truncate(3);
    }
    works
}

#[derive(Default)]
struct Sums {
    off: Measured,
    on: Measured,
}

impl Sums {
    fn add(&mut self, off: &Measured, on: &Measured) {
        self.off.add(off);
        self.on.add(on);
    }

    fn told(&self) -> Value {
        json!({ "off": self.off.told(), "on": self.on.told() })
    }
}
