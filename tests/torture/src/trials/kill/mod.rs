//! What must survive is killed under load: the server, its backends, the client's process; knows no driver.

mod client;
mod clients;
mod journal;
mod judge;
mod ledger;
mod load;
mod servers;
mod strikes;

use std::process::ExitCode;

use futures_util::future::join_all;

use super::{Run, Trial};
use crate::place::Place;
use crate::report::Verdict;
use crate::subject::{Boxed, Engine, Subject};

pub use client::Arguments as ClientArguments;

pub const TRIAL: Trial = Trial {
    name: "kill",
    about: "the server, its backends or the client are killed at work",
    run,
};

/// Fewer than workers, so that some wait; more than half, for each may need two.
const CONNECTIONS: u32 = 6;

/// As the process that is killed.
pub fn client(arguments: &ClientArguments) -> ExitCode {
    client::main(arguments)
}

fn run(run: Run) -> Boxed<Verdict> {
    Box::pin(async move {
        let mut verdict = Verdict::of(TRIAL.name);
        let on = |engine: Engine| {
            let subjects = run.subjects.iter().copied();
            subjects.filter(move |subject| subject.engine() == engine)
        };
        let mut parts = Vec::new();
        for engine in [Engine::Postgres, Engine::MySql] {
            let subjects: Vec<_> = on(engine).collect();
            if !subjects.is_empty() {
                parts.push(tokio::spawn(servers::work(run.clone(), engine, subjects)));
            }
        }
        let embedded: Vec<_> = on(Engine::Sqlite).collect();
        parts.push(tokio::spawn(in_files(run.clone(), embedded)));
        for part in join_all(parts).await {
            verdict.absorb(part.expect("no panic"));
        }
        verdict
    })
}

/// Where there is no server, its client is all that can be killed.
async fn in_files(run: Run, subjects: Vec<&'static dyn Subject>) -> Verdict {
    let mut verdict = Verdict::of(TRIAL.name);
    for subject in subjects {
        let place = Place::create(subject.engine()).await;
        verdict.absorb(clients::work(run.clone(), subject, place).await);
    }
    verdict
}
