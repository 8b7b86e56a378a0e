//! The process that is killed: the torture itself, with a load and nothing else; knows nothing of who kills it.

use std::io::Read as _;
use std::process::ExitCode;
use std::sync::Arc;

use super::journal::Pipe;
use super::ledger::Ledger;
use super::load::Load;
use crate::sabotage::Sabotage;
use crate::seed::Seed;
use crate::subject::Subject;
use crate::trials::{Run, Size};

/// What it is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(long)]
    adapter: String,
    #[arg(long)]
    url: String,
    #[arg(long)]
    seed: u64,
    /// The first token.
    #[arg(long)]
    first: i64,
    #[arg(long)]
    connections: u32,
    /// What one of the connections is told first.
    #[arg(long)]
    setup: Option<String>,
    #[arg(long)]
    sabotage: Option<Sabotage>,
}

/// Transfers, and writes its journal to the standard output, until somebody ends it.
pub fn main(arguments: &Arguments) -> ExitCode {
    // The other end is closed when whoever started this is gone.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(work(arguments));
    runtime.shutdown_background();
    ExitCode::FAILURE
}

async fn work(arguments: &Arguments) {
    let all = crate::subjects::ALL.into_iter();
    let mut named = all.filter(|subject| subject.name() == arguments.adapter);
    let subject: &'static dyn Subject = named.next().expect("an adapter of this name");
    let run = Run {
        size: Size::Quick,
        seed: Seed(arguments.seed),
        subjects: vec![subject],
        sabotage: arguments.sabotage,
    };
    let client = run.open(subject, &arguments.url, arguments.connections);
    if let Some(setup) = &arguments.setup {
        client.meddle(setup).await.expect("set up a connection");
    }
    let ledger = Ledger::of(subject, run.seed);
    let pipe = Arc::new(Pipe);
    let load = Load::new(client, pipe, ledger, arguments.first, run.sabotage);
    // In the end, those that hang are all.
    load.start().ended().await;
}
