//! The trial of the macros: case after case on a thread of its own, which must end; knows no database.

use std::collections::BTreeMap;

use txkit_expander::Kind;

use super::super::{Run, Trial, bounded};
use super::{Outcome, family, on_a_deep_stack, run_case_with, saboteurs};
use crate::report::{Fault, Verdict};
use crate::sabotage::Sabotage;
use crate::subject::Boxed;

pub(in crate::trials) const TRIAL: Trial = Trial {
    name: "macros",
    about: "whatever is written on whatever: an answer, and errors that point at something",
    run,
};

/// So many cases, and the watchdog looks.
const ROUND: u64 = 500;

fn run(run: Run) -> Boxed<Verdict> {
    Box::pin(async move {
        let mut verdict = Verdict::of(TRIAL.name);
        let mut totals = BTreeMap::<String, [u64; 2]>::new();
        let cases = run.size.of(2_000, 60_000);
        for from in (0..cases).step_by(ROUND as usize) {
            let (seed, sabotage) = (run.seed.0, run.sabotage);
            let round = tokio::task::spawn_blocking(move || {
                on_a_deep_stack(|| round(seed, from, sabotage))
            });
            let Some(answers) = bounded(round).await else {
                let what = format!("cases {from} to {} of seed {seed}", from + ROUND);
                verdict.wrong(Fault::Hang, what);
                // Its thread is lost, and the next cases would be no better.
                break;
            };
            for (index, answer) in answers.expect("it does not panic") {
                verdict.point();
                let total = totals.entry(format!("{:?}", family(index))).or_default();
                match answer {
                    Ok(Outcome::Accepted) => total[0] += 1,
                    Ok(Outcome::Refused) => total[1] += 1,
                    Err(wrong) => {
                        verdict.wrong(Fault::WrongAnswer, format!("case {index}: {wrong}"));
                    }
                }
            }
            if run.has_seen_enough(&verdict) {
                break;
            }
        }
        for (family, [accepted, refused]) in totals {
            verdict.figure(format!("{family} accepted"), accepted);
            verdict.figure(format!("{family} refused"), refused);
        }
        verdict
    })
}

type Answers = Vec<(u64, Result<Outcome, String>)>;

fn round(seed: u64, from: u64, sabotage: Option<Sabotage>) -> Answers {
    let expand = match sabotage {
        Some(Sabotage::PanickingExpander) => saboteurs::panicking,
        Some(Sabotage::PointlessErrors) => saboteurs::unspanned,
        Some(Sabotage::LostItems) => saboteurs::losing,
        _ => Kind::expand,
    };
    let answer = |index| {
        let answer = run_case_with(seed, index, &expand);
        (
            index,
            answer.map_err(|wrong| format!("{}\n{}", wrong.what, wrong.case)),
        )
    };
    (from..from + ROUND).map(answer).collect()
}
