//! One cell: a size of the pool and a number of callers, each kind of caller on a pool of its own; knows no adapter.

use std::sync::atomic::{AtomicI64, Ordering};

use super::super::{Run, pools};
use super::party::{Caller, End, Kind};
use super::round::{Manner, Round};
use super::{Refusals, TRIAL};
use crate::place::Place;
use crate::report::Verdict;
use crate::subject::{Engine, Subject};

/// What it found, and whether something hangs.
pub async fn run(
    run: &Run,
    subject: &dyn Subject,
    place: &Place,
    (size, callers): (u32, u32),
    refusals: &mut Refusals,
) -> (Verdict, bool) {
    let mut verdict = Verdict::of(TRIAL.name);
    let cell = format!("starving {} {size} {callers}", subject.name());
    let mut chance = run.seed.of(cell);
    let mut is_over = false;
    for kind in kinds(subject.engine(), &mut chance) {
        let client = run.open(subject, &place.url(subject.driver(), None), size);
        for manner in manners(subject.engine(), kind, &mut chance) {
            verdict.point();
            let lone = manner.is_fresh && !manner.meets;
            let callers = people(kind, manner, if lone { 1 } else { callers }, &mut chance);
            let calls = callers.len() as u64;
            let round = Round {
                run,
                subject,
                place,
                client: &client,
                size,
                kind,
                manner,
                callers,
            };
            let ended = round.run().await;
            verdict.absorb(ended.verdict);
            if !kind.is_deadlock(subject.engine()) {
                refusals.add(size, manner, ended.refused, calls);
            }
            is_over = ended.is_hung;
            if is_over {
                break;
            }
        }
        if let Some((fault, wrong)) = pools::fault(place, &*client).await {
            let name = subject.name();
            let what = format!("{name} {kind:?}, pool of {size}, {callers} callers: {wrong}");
            verdict.wrong(fault, what);
            is_over = true;
        }
        if is_over {
            break;
        }
    }
    (verdict, is_over)
}

/// Those whose inner ones need a connection only, and others. SQLite's writers in writers say nothing of the pool.
fn kinds(engine: Engine, chance: &mut fastrand::Rng) -> [Kind; 2] {
    match (engine, chance.bool()) {
        (Engine::Sqlite, true) => [Kind::Readers, Kind::Mixed],
        (Engine::Sqlite, false) => [Kind::Readers, Kind::Writers],
        (_, true) => [Kind::Writers, Kind::Readers],
        (_, false) => [Kind::Writers, Kind::Mixed],
    }
}

/// On SQLite one writer is open at a time: others wait for its lock, each with a connection, which no pool can know. So a
/// lone caller comes first there, whence one connection is left free, and that one must be enough.
fn manners(engine: Engine, kind: Kind, chance: &mut fastrand::Rng) -> [Manner; 3] {
    let meets = kind.can_meet(engine);
    let is_shallow = kind == Kind::Mixed && !meets;
    let mut deeper = || if is_shallow { 1 } else { chance.u32(1..3) };
    let of = |meets, is_fresh, depth| Manner {
        meets,
        is_fresh,
        depth,
    };
    [
        of(meets, true, deeper()),
        of(meets, false, 1),
        of(false, false, deeper()),
    ]
}

fn people(kind: Kind, manner: Manner, callers: u32, chance: &mut fastrand::Rng) -> Vec<Caller> {
    static NEXT: AtomicI64 = AtomicI64::new(1);
    let caller = |_| {
        let end = match chance.u32(..4) {
            0 if kind != Kind::Readers => End::Refuses,
            1 => End::Swallows,
            _ => End::Follows,
        };
        Caller {
            kind,
            end,
            depth: manner.depth,
            row: 0,
        }
    };
    let mut people: Vec<Caller> = (0..callers).map(caller).collect();
    let rows = i64::from(callers * 4);
    let first = NEXT.fetch_add(rows, Ordering::Relaxed);
    for (caller, row) in people.iter_mut().zip((first..).step_by(4)) {
        caller.row = row;
    }
    people
}
