//! Deliberate faults, each put between an adapter and the trial that must notice it; knows no trial.

use std::sync::Arc;

use clap::ValueEnum;

use crate::script::{Gate, Level, Script, Shape, Step};
use crate::subject::{Boxed, Client, Failure, Told};

/// A fault that a checker must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sabotage {
    /// An unknown outcome is told as `Ok`.
    BelieveUnknown,
    /// An unknown outcome is told as an error that stored nothing.
    DenyUnknown,
    /// An error is told as `Ok`.
    BelieveErrors,
    /// Every call is made twice.
    CallTwice,
    /// Hooks are registered twice.
    DoubleHooks,
    /// A transaction is left open on a connection of the pool's.
    LeakTransaction,
    /// A setting is left on a connection of the pool's.
    LeakSetting,
    /// A call never returns.
    Hang,
    /// Every level of isolation is read committed.
    WeakerLevel,
    /// The macros panic on a word.
    PanickingExpander,
    /// The macros' errors point at nothing.
    PointlessErrors,
    /// The macros give back an error in place of the item.
    LostItems,
    /// An adapter seems to do something else than the others of its engine: see `hermitage`.
    Dissent,
    /// What should be one transaction is two.
    Halve,
    /// A connection of the pool's is never given back.
    KeepConnection,
    /// What is appended is read first and written back, at read committed: see `histories`.
    LostUpdate,
    /// After a conflict a call is made again, whatever was asked for and however often.
    AgainAndAgain,
    /// `Ok` is told as an error that stored nothing.
    DenyCommits,
    /// An error of two functions names neither.
    LoseNames,
    /// A cluster's nodes let a write pass over what changed since it was read: for the trial that starts them.
    NoSnapshotIsolation,
    /// The first statement is stored by itself, before the others.
    Tear,
    /// `Ok` is told before anything was done: see `kill`.
    AckEarly,
    /// The server writes what is committed later: see `kill`.
    LazyCommit,
    /// A page of a file is overwritten: see `kill`.
    Scribble,
    /// An error that stored nothing is told as an unknown outcome.
    DoubtErrors,
}

/// A client whose answers, or deeds, are not what they seem.
pub struct Saboteur {
    sabotage: Sabotage,
    client: Arc<dyn Client>,
}

impl Sabotage {
    /// Whether something will hang.
    pub fn hangs(self) -> bool {
        matches!(self, Self::Hang | Self::KeepConnection)
    }
}

impl Saboteur {
    pub fn new(sabotage: Sabotage, client: Arc<dyn Client>) -> Self {
        Self { sabotage, client }
    }
}

impl Client for Saboteur {
    fn call(&self, shape: Shape, script: Script) -> Boxed<Told> {
        let client = self.client.clone();
        match self.sabotage {
            Sabotage::BelieveUnknown => Box::pin(async move {
                match client.call(shape, script).await {
                    Told::Unknown(_) => Told::Committed(Vec::new()),
                    told => told,
                }
            }),
            Sabotage::DenyUnknown => Box::pin(async move {
                match client.call(shape, script).await {
                    Told::Unknown(failure) => Told::NotCommitted(failure),
                    told => told,
                }
            }),
            Sabotage::BelieveErrors => Box::pin(async move {
                match client.call(shape, script).await {
                    Told::NotCommitted(_) => Told::Committed(Vec::new()),
                    told => told,
                }
            }),
            Sabotage::CallTwice => Box::pin(async move {
                let _first = client.call(shape, script.clone()).await;
                client.call(shape, script).await
            }),
            Sabotage::DoubleHooks => client.call(shape, with_double_hooks(&script)),
            Sabotage::LeakTransaction => Box::pin(async move {
                let told = client.call(shape, script).await;
                let _begun_before = client.meddle("BEGIN").await;
                told
            }),
            Sabotage::LeakSetting => Box::pin(async move {
                let told = client.call(shape, script).await;
                for setting in SETTINGS {
                    let _foreign_to_the_engine = client.meddle(setting).await;
                }
                told
            }),
            Sabotage::Hang => Box::pin(std::future::pending()),
            Sabotage::WeakerLevel | Sabotage::LostUpdate => client.call(weaker(shape), script),
            Sabotage::AgainAndAgain => Box::pin(async move {
                loop {
                    let told = client.call(shape, script.clone()).await;
                    if !told.failure().is_some_and(Failure::is_conflict) {
                        return told;
                    }
                }
            }),
            Sabotage::DenyCommits => Box::pin(async move {
                match client.call(shape, script).await {
                    Told::Committed(_) => Told::new(Err(std::io::Error::other("denied"))),
                    told => told,
                }
            }),
            Sabotage::LoseNames => Box::pin(async move {
                let told = client.call(shape, script).await;
                match told.failure().and_then(Failure::tx).and_then(without_names) {
                    Some(error) => Told::new(Err(error)),
                    None => told,
                }
            }),
            Sabotage::Halve => Box::pin(async move {
                let (first, second) = script.steps().split_at(script.steps().len() / 2);
                let _first = client.call(shape, first.to_vec().into()).await;
                client.call(shape, second.to_vec().into()).await
            }),
            Sabotage::KeepConnection => Box::pin(async move {
                let told = client.call(shape, script).await;
                let waits = Step::Wait(Gate::default());
                tokio::spawn(client.call(Shape::Reading, [waits].into()));
                told
            }),
            // Not of a client's making.
            Sabotage::PanickingExpander
            | Sabotage::PointlessErrors
            | Sabotage::LostItems
            | Sabotage::Dissent
            | Sabotage::NoSnapshotIsolation
            | Sabotage::AckEarly
            | Sabotage::LazyCommit
            | Sabotage::Scribble => client.call(shape, script),
            Sabotage::DoubtErrors => Box::pin(async move {
                match client.call(shape, script).await {
                    Told::NotCommitted(failure) => Told::Unknown(failure),
                    told => told,
                }
            }),
            Sabotage::Tear => Box::pin(async move {
                let (first, others) = torn(&script);
                let _stored = client.call(Shape::Plain, first).await;
                client.call(shape, others).await
            }),
        }
    }

    fn each(&self, sql: &str) -> Boxed<Result<Vec<Vec<String>>, String>> {
        self.client.each(sql)
    }

    fn meddle(&self, sql: &str) -> Boxed<Result<(), String>> {
        self.client.meddle(sql)
    }
}

/// One for each engine.
const SETTINGS: [&str; 3] = [
    "SET lock_timeout = '7s'",
    "SET SESSION innodb_lock_wait_timeout = 7",
    "PRAGMA query_only = 1",
];

fn with_double_hooks(script: &Script) -> Script {
    let twice = |step: &Step| match step {
        Step::Watch(_) => vec![step.clone(), step.clone()],
        Step::Call(shape, script) => vec![Step::Call(*shape, with_double_hooks(script))],
        Step::Try(shape, script) => vec![Step::Try(*shape, with_double_hooks(script))],
        step => vec![step.clone()],
    };
    script
        .steps()
        .iter()
        .flat_map(twice)
        .collect::<Vec<_>>()
        .into()
}

fn torn(script: &Script) -> (Script, Script) {
    let mut others = script.steps().to_vec();
    let first = others.iter().position(|step| matches!(step, Step::Run(_)));
    let first: Vec<Step> = first.map(|at| others.remove(at)).into_iter().collect();
    (first.into(), others.into())
}

/// The errors that name two functions, naming none.
fn without_names(error: &txkit::Error) -> Option<txkit::Error> {
    let (function, outer) = ("somebody", "somebody else");
    match error {
        txkit::Error::Starved { max, .. } => Some(txkit::Error::Starved {
            function,
            outer,
            max: *max,
        }),
        txkit::Error::SelfDeadlock { .. } => Some(txkit::Error::SelfDeadlock {
            function,
            outer,
            source: None,
        }),
        _ => None,
    }
}

fn weaker(shape: Shape) -> Shape {
    match shape {
        Shape::At(_) => Shape::At(Level::ReadCommitted),
        Shape::RetriedAt(_) => Shape::RetriedAt(Level::ReadCommitted),
        shape => shape,
    }
}
