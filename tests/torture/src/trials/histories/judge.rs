//! What the checker says of a history, and whether the history was worth judging; knows no adapter.

use std::time::Duration;

use adya::{History, Opts, Report, Valid};

use super::Part;
use super::promises::Promise;
use super::workload::Kind;
use crate::report::{Fault, Verdict};
use crate::script::Level;
use crate::subject::Engine;

/// How long the checker may look for a cycle where many are.
const PATIENCE: Duration = Duration::from_secs(10);

/// Judges a history by its level's promise, and notes all it shows. Returns whether it is even strictly serializable.
pub async fn isolation(verdict: &mut Verdict, part: &Part, history: History) -> bool {
    let promise = Promise::of(part.subject.engine(), part.level);
    let (opts, strict) = (
        options(part, promise.model),
        options(part, "strict-serializable"),
    );
    let workload = part.kind.workload();
    let both = move || {
        let shown = adya::check(&history, workload, &strict);
        // Whoever keeps the strictest promise keeps all.
        let judged = (shown.valid != Valid::True).then(|| adya::check(&history, workload, &opts));
        (shown, judged)
    };
    let judging = tokio::task::spawn_blocking(both).await;
    let (shown, judged) = judging.expect("the checker does not panic");
    let judged = judged.as_ref().unwrap_or(&shown);
    let what = part.name();
    match judged.valid {
        Valid::True => {}
        Valid::False => {
            for kind in &judged.anomaly_types {
                let first = judged.anomalies.get(kind).and_then(|all| all.first());
                let proof = first.map_or("", |anomaly| &anomaly.explanation);
                verdict.wrong(
                    Fault::Anomaly,
                    format!("{what}: not {}: {kind}: {proof}", promise.model),
                );
            }
        }
        Valid::Unknown => {
            verdict.wrong(
                Fault::WrongAnswer,
                format!("{what}: no verdict: {:?}", judged.anomaly_types),
            );
        }
    }
    for anomaly in seen_in(&shown) {
        verdict.anomaly(&part.subject.name(), part.level.name(), anomaly);
    }
    shown.valid == Valid::True
}

/// The anomalies themselves, without what the checker says of its own search.
fn seen_in(report: &Report) -> impl Iterator<Item = &str> {
    let types = report.anomaly_types.iter().map(String::as_str);
    types.filter(|kind| !kind.ends_with("-cycle-exists") && *kind != "cycle-search-timeout")
}

/// What may be inferred of registers, which hide their history: each holds on all engines, by themselves or by locks,
/// but where a value that was read may never be committed, no clock orders the reads.
fn options(part: &Part, model: &str) -> Opts {
    let registers = part.kind == Kind::Registers;
    let dirty = part.subject.engine() == Engine::MySql && part.level == Level::ReadUncommitted;
    Opts {
        models: vec![model.to_owned()],
        timeout: PATIENCE,
        wfr_keys: registers,
        linearizable_keys: registers && !dirty,
        ..Opts::default()
    }
}
