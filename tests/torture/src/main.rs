//! Tortures txkit's annotated functions on real servers: cuts, kills, cancellations, histories, storms, a cluster.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a trial that cannot go on fails by panicking"
)]

mod place;
mod report;
mod sabotage;
mod script;
mod seed;
mod servers;
mod subject;
mod subjects;
mod trials;
mod wire;

use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};

use report::{Report, Verdict};
use sabotage::Sabotage;
use seed::Seed;
use trials::{Run, Size, Trial};

/// Tortures txkit: see what it promises hold under cuts, kills, cancellation, contention and on a cluster.
#[derive(Debug, Parser)]
#[command(name = "torture")]
struct Arguments {
    /// A slice of each trial, at most five minutes (the default).
    #[arg(long)]
    quick: bool,
    /// All of each trial, within an hour.
    #[arg(long, conflicts_with = "quick")]
    full: bool,
    /// Where all chance comes from: the same seed, size and adapters draw the same points. Timing is the machine's own.
    #[arg(long)]
    seed: Option<u64>,
    /// Only this trial; may be given several times.
    #[arg(long, value_name = "TRIAL")]
    only: Vec<String>,
    /// Only this adapter, such as `sqlx-postgres`; may be given several times.
    #[arg(long, value_name = "NAME")]
    subject: Vec<String>,
    /// Make this fault on purpose, so that the run must fail.
    #[arg(long, value_name = "NAME")]
    sabotage: Option<Sabotage>,
    /// Name the trials and the adapters, and do nothing.
    #[arg(long)]
    list: bool,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What the torture starts itself as.
#[derive(Debug, Subcommand)]
enum Part {
    /// A client that is to be killed.
    #[command(hide = true)]
    Client(trials::kill::ClientArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(Part::Client(arguments)) = &arguments.part {
        return trials::kill::client(arguments);
    }
    if arguments.list {
        list();
        return ExitCode::SUCCESS;
    }
    let (trials, run) = match chosen(&arguments) {
        Ok(chosen) => chosen,
        Err(unknown) => {
            eprintln!("torture: {unknown}");
            return ExitCode::from(2);
        }
    };
    if run.sabotage.is_some_and(Sabotage::hangs) {
        trials::expect_hangs();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(256)
        .enable_all()
        .build()
        .expect("a runtime");
    let clean = runtime.block_on(torture(&trials, &run));
    // A thread that hangs, which was reported, must not keep the others from ending.
    runtime.shutdown_background();
    ExitCode::from(u8::from(!clean))
}

async fn torture(trials: &[&Trial], run: &Run) -> bool {
    let mut report = Report::default();
    eprintln!("== torture: seed {}, {:?}", run.seed, run.size);
    for trial in trials {
        eprintln!("== {}: {}", trial.name, trial.about);
        let start = Instant::now();
        // One that cannot go on must not take along what the others found.
        let verdict = match tokio::spawn((trial.run)(run.clone())).await {
            Ok(verdict) => verdict,
            Err(panic) => Verdict::given_up(trial.name, panic),
        };
        let seconds = start.elapsed().as_secs_f64();
        eprintln!("== {}: {verdict}; {seconds:.1} s", trial.name);
        report.add(verdict, seconds);
    }
    for trial in report.red() {
        eprintln!("== to replay: {}", run.again(trial));
    }
    println!("{}", report.table());
    println!("{}", report.json(run.seed.0));
    report.is_clean()
}

fn chosen(arguments: &Arguments) -> Result<(Vec<&'static Trial>, Run), String> {
    let trials = picked(trials::ALL, &arguments.only, "trial", |trial| {
        trial.name.to_owned()
    })?;
    let subjects = picked(&subjects::ALL, &arguments.subject, "adapter", |subject| {
        subject.name()
    })?;
    let run = Run {
        size: if arguments.full {
            Size::Full
        } else {
            Size::Quick
        },
        seed: arguments.seed.map_or_else(Seed::fresh, Seed),
        subjects: subjects.into_iter().copied().collect(),
        sabotage: arguments.sabotage,
    };
    Ok((trials, run))
}

/// Those of the given names, or all.
fn picked<'t, T>(
    all: &'t [T],
    names: &[String],
    kind: &str,
    name_of: impl Fn(&T) -> String,
) -> Result<Vec<&'t T>, String> {
    if let Some(unknown) = names
        .iter()
        .find(|name| !all.iter().any(|it| name_of(it) == **name))
    {
        let known: Vec<_> = all.iter().map(name_of).collect();
        return Err(format!(
            "no {kind} is called `{unknown}`; the {kind}s are {}",
            known.join(", ")
        ));
    }
    let is_picked = |it: &&T| names.is_empty() || names.contains(&name_of(it));
    Ok(all.iter().filter(is_picked).collect())
}

fn list() {
    println!("trials, for --only:");
    for trial in trials::ALL {
        println!("  {:<10} {}", trial.name, trial.about);
    }
    println!("adapters, for --subject:");
    for subject in subjects::ALL {
        println!("  {}", subject.name());
    }
}
