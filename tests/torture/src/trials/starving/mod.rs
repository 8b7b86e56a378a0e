//! Pool starvation: callers that each need a second and a third connection, on pools of every size; none ever hangs, and who
//! is refused is told by whom; knows no adapter.

mod cell;
mod locks;
mod party;
mod round;

use std::collections::BTreeMap;
use std::fmt;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Run, Size, Trial};
use crate::place::Place;
use crate::report::{Fault, Verdict};
use crate::subject::{Boxed, Engine, Subject};
use round::Manner;

pub const TRIAL: Trial = Trial {
    name: "starving",
    about: "requires_new on pools of 1 to 8 connections with 1 to 16 callers, and on rows that are locked",
    run,
};

const SIZES: std::ops::RangeInclusive<u32> = 1..=8;
const CALLERS: std::ops::RangeInclusive<u32> = 1..=16;
/// So many of an adapter's cells does a quick run try.
const QUICK: usize = 6;

fn run(run: Run) -> Boxed<Verdict> {
    Box::pin(async move {
        let mut verdict = Verdict::of(TRIAL.name);
        // SQLite's files are opened and closed on the threads that serve sockets: beside it, servers would seem to hang.
        for is_embedded in [true, false] {
            let subjects = run.subjects.iter().copied();
            let those = subjects.filter(|it| (it.engine() == Engine::Sqlite) == is_embedded);
            for part in join_all(those.map(|subject| alone(run.clone(), subject))).await {
                verdict.absorb(part);
            }
        }
        verdict
    })
}

/// An adapter has a database of its own and waits most of the time: several go on at once.
async fn alone(run: Run, subject: &'static dyn Subject) -> Verdict {
    let part = tokio::spawn(async move { on(&run, subject).await }).await;
    let part = part.expect("the trial itself does not panic");
    eprintln!("   {}: {part}", subject.name());
    part
}

async fn on(run: &Run, subject: &dyn Subject) -> Verdict {
    let mut verdict = Verdict::of(TRIAL.name);
    let cells = cells(run, subject);
    // SQLite's writers wait for each other most of the time: several databases wait at the same time.
    let lanes = match subject.engine() {
        Engine::Sqlite => 4,
        _ => 1,
    };
    let lanes = (0..lanes).map(|lane| {
        let cells = cells.iter().skip(lane).step_by(lanes).copied();
        along(run, subject, lane, cells.collect())
    });
    let mut refusals = Refusals::default();
    for (part, refused) in join_all(lanes).await {
        verdict.absorb(part);
        refusals.absorb(refused);
    }
    verdict.figure(subject.name(), refusals.told());
    verdict
}

/// Cells one after another on a database of their own.
async fn along(
    run: &Run,
    subject: &dyn Subject,
    lane: usize,
    cells: Vec<(u32, u32)>,
) -> (Verdict, Refusals) {
    let mut verdict = Verdict::of(TRIAL.name);
    let mut refusals = Refusals::default();
    let place = Place::create(subject.engine()).await;
    party::prepare(&place).await;
    let mut is_over = false;
    for cell in cells {
        let part;
        (part, is_over) = cell::run(run, subject, &place, cell, &mut refusals).await;
        verdict.absorb(part);
        // The others would hang as well, or a saboteur has been noticed.
        if is_over || (run.sabotage.is_some() && !verdict.is_clean()) {
            break;
        }
    }
    if lane == 0 && !is_over {
        verdict.absorb(locks::run(run, subject, &place).await);
    }
    let open = place.open_transactions().await;
    verdict.expect(open.is_empty(), Fault::LeakedTransaction, || {
        format!("{} after all: {open:?}", subject.name())
    });
    (verdict, refusals)
}

/// Pool sizes and numbers of callers: all, or some.
fn cells(run: &Run, subject: &dyn Subject) -> Vec<(u32, u32)> {
    let mut all: Vec<_> = SIZES
        .flat_map(|size| CALLERS.map(move |callers| (size, callers)))
        .collect();
    if run.size == Size::Full {
        return all;
    }
    let mut chance = run.seed.of(format_args!("starving {}", subject.name()));
    chance.shuffle(&mut all);
    all.truncate(QUICK);
    // The one that every pool of one starves.
    all.push((1, chance.u32(CALLERS)));
    all.push((2, 1));
    all
}

/// How many of an adapter's calls were refused, by the size of the pool.
#[derive(Debug, Default)]
pub struct Refusals(BTreeMap<u32, BTreeMap<String, Count>>);

#[derive(Debug, Default)]
struct Count {
    refused: u64,
    calls: u64,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.refused, self.calls)
    }
}

impl Refusals {
    fn add(&mut self, size: u32, manner: Manner, refused: u64, calls: u64) {
        let of_size = self.0.entry(size).or_default();
        let count = of_size.entry(manner.name()).or_default();
        count.refused += refused;
        count.calls += calls;
    }

    fn absorb(&mut self, other: Self) {
        for (size, counts) in other.0 {
            for (manner, count) in counts {
                let sum = self.0.entry(size).or_default().entry(manner).or_default();
                sum.refused += count.refused;
                sum.calls += count.calls;
            }
        }
    }

    fn told(&self) -> Value {
        let words = |counts: &BTreeMap<String, Count>| -> BTreeMap<String, String> {
            let counts = counts.iter();
            counts
                .map(|(name, count)| (name.clone(), count.to_string()))
                .collect()
        };
        let sizes: BTreeMap<String, _> = self
            .0
            .iter()
            .map(|(size, counts)| (size.to_string(), words(counts)))
            .collect();
        json!(sizes)
    }
}
