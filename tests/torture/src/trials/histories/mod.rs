//! Random transactions of many callers at once, at every level of isolation, with and without faults: their histories
//! show only what the level permits. Knows no driver.

mod judge;
mod killer;
mod promises;
mod record;
mod stored;
mod workers;
mod workload;

use std::sync::Arc;

use super::{Run, Size, Trial};
use crate::place::Place;
use crate::report::{Fault, Verdict};
use crate::sabotage::Sabotage;
use crate::script::Level;
use crate::subject::{Boxed, Subject};
use promises::Promise;
use stored::Stored;
use workers::Shared;
use workload::{Dialect, Kind};

pub const TRIAL: Trial = Trial {
    name: "histories",
    about: "what concurrent transactions saw of each other, at every level, judged by a checker",
    run,
};

/// One history of one adapter.
pub struct Part {
    pub subject: &'static dyn Subject,
    pub level: Level,
    pub kind: Kind,
    pub calls: usize,
    /// Of the calls that faults are meant for, how many come between two strikes of the killer's, about.
    pub kill_every: usize,
}

impl Part {
    pub fn name(&self) -> String {
        format!(
            "{} {} {}",
            self.subject.name(),
            self.level.name(),
            self.kind.name()
        )
    }
}

fn run(run: Run) -> Boxed<Verdict> {
    Box::pin(async move {
        let mut verdict = Verdict::of(TRIAL.name);
        for subject in &run.subjects {
            let mut all = Verdict::of(TRIAL.name);
            for part in parts(&run, *subject) {
                all.absorb(one(&run, &part).await);
            }
            eprintln!("   {}: {all}", subject.name());
            verdict.absorb(all);
        }
        verdict
    })
}

/// All combinations; or serializable, always, and one of the others.
fn parts(run: &Run, subject: &'static dyn Subject) -> Vec<Part> {
    let part = |level, kind| Part {
        subject,
        level,
        kind,
        // Registers take the checker longer.
        calls: run
            .size
            .of(350, if kind == Kind::Lists { 1500 } else { 700 }),
        kill_every: 20,
    };
    if let Some(sabotage) = run.sabotage {
        let serializable = part(Level::Serializable, Kind::Lists);
        return vec![match sabotage {
            // Few outcomes are unknown unless many sessions die.
            Sabotage::BelieveUnknown | Sabotage::DenyUnknown => Part {
                kill_every: 2,
                calls: 1600,
                ..serializable
            },
            _ => Part {
                calls: 200,
                ..serializable
            },
        }];
    }
    if run.size == Size::Full {
        let levels = Level::ALL.into_iter();
        return levels
            .flat_map(|level| Kind::ALL.map(|kind| part(level, kind)))
            .collect();
    }
    // So that of an engine's three adapters, one at least is judged by each kind.
    let turn = run.seed.of("kinds").usize(..2) + subject.driver() as usize;
    let mut rng = run.seed.of(format!("{} levels", subject.name()));
    vec![
        part(Level::Serializable, Kind::ALL[turn % 2]),
        part(Level::ALL[rng.usize(..3)], Kind::ALL[(turn + 1) % 2]),
    ]
}

async fn one(run: &Run, part: &Part) -> Verdict {
    let mut verdict = Verdict::of(TRIAL.name);
    let what = part.name();
    let place = Arc::new(Place::create(part.subject.engine()).await);
    let dialect = Dialect {
        engine: part.subject.engine(),
        kind: part.kind,
        stale: run.sabotage == Some(Sabotage::LostUpdate),
    };
    place.run(dialect.tables()).await.expect("make the tables");
    let shared = Shared::new(run, part, dialect, place.clone());
    let work = workers::work(run, part, shared.clone()).await;
    verdict.absorb(work);
    let open = place.open_transactions().await;
    verdict.expect(open.is_empty(), Fault::LeakedTransaction, || {
        format!("{what}: {open:?}")
    });
    let Ok(stored) = Stored::read(&place, dialect).await else {
        verdict.wrong(
            Fault::Hang,
            format!("{what}: nobody can look at what is stored"),
        );
        return verdict;
    };
    let tape = shared.recorder.tape();
    stored::check(
        &mut verdict,
        &what,
        part.kind,
        &shared.calls,
        &tape,
        &stored,
    );
    if Promise::of(part.subject.engine(), part.level).repeats {
        for unrepeated in stored::unrepeated(&shared.calls, &tape) {
            verdict.wrong(Fault::Anomaly, format!("{what}: {unrepeated}"));
        }
    }
    let history = tape.history(part.kind, &shared.calls, &stored.keys);
    let strict = judge::isolation(&mut verdict, part, history).await;
    let counts = shared.counts(&tape);
    counts.expect_enough(&mut verdict, part);
    verdict.points(counts.ok);
    verdict.figure(what, counts.figure(strict));
    verdict
}
