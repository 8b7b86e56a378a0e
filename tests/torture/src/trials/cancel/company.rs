//! Who else is there while a call is cancelled: holders of locks and connections, a rival, a porter at the gate; judges nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::functions::{Case, Function, add, touch};
use crate::script::{Gate, Shape, Step};
use crate::subject::{Client, Engine, Told};

/// Calls that nobody cancels.
#[derive(Default)]
pub struct Company {
    /// What each stores, and what it tells.
    calls: Vec<(&'static [u32], JoinHandle<Told>)>,
    porter: Option<JoinHandle<()>>,
}

/// Longer than an impatient function waits for a lock where that is all it can do.
fn hold(engine: Engine) -> Duration {
    Duration::from_millis(if engine == Engine::Sqlite { 45 } else { 8 })
}

/// The rows of those who have all of a pool's connections.
const HOLDERS: [&[u32]; 3] = [&[21], &[22], &[23]];

impl Company {
    /// Who belongs to a function, all of them in their places.
    pub async fn of(
        function: Function,
        case: &Case,
        token: u64,
        engine: Engine,
        (client, size): (&Arc<dyn Client>, u32),
        outsider: &Arc<dyn Client>,
    ) -> Self {
        match function {
            Function::Retried => Self::holder(engine, outsider).await,
            Function::Waiting => Self {
                porter: Some(opens(&case.gate, 1, Duration::from_millis(2))),
                ..Self::default()
            },
            Function::Starved => Self::holders(engine, client, size, token).await,
            Function::Paired => {
                let rival = [add(token, 21), touch(1), add(token, 22)];
                let call = client.call(Shape::Plain, rival.into());
                Self {
                    calls: vec![(&[21, 22], tokio::spawn(call))],
                    porter: None,
                }
            }
            _ => Self::default(),
        }
    }

    /// Someone else has a lock for a moment.
    async fn holder(engine: Engine, outsider: &Arc<dyn Client>) -> Self {
        let gate = Gate::default();
        let steps = [touch(4), Step::Wait(gate.clone())];
        let call = tokio::spawn(outsider.call(Shape::Plain, steps.into()));
        arrival(&gate, 1).await;
        Self {
            calls: vec![(&[], call)],
            porter: Some(opens(&gate, 1, hold(engine))),
        }
    }

    /// Others have all the connections for a moment.
    async fn holders(engine: Engine, client: &Arc<dyn Client>, size: u32, token: u64) -> Self {
        let gate = Gate::default();
        let mut calls = Vec::new();
        for (stored, n) in HOLDERS.into_iter().zip(0..size) {
            let wait = Step::Wait(gate.clone());
            // SQLite has one writer.
            let (stored, call): (&[u32], _) = if engine == Engine::Sqlite && n > 0 {
                (&[], client.call(Shape::Reading, [wait].into()))
            } else {
                let writes = [add(token, stored[0]), wait];
                (stored, client.call(Shape::Plain, writes.into()))
            };
            calls.push((stored, tokio::spawn(call)));
        }
        arrival(&gate, size).await;
        Self {
            calls,
            porter: Some(opens(&gate, size, Duration::from_millis(3))),
        }
    }

    /// What they stored and told, once all are gone.
    pub async fn leaves(self) -> Vec<(&'static [u32], Told)> {
        let mut told = Vec::new();
        for (stored, call) in self.calls {
            told.push((stored, call.await.expect("nobody cancels it")));
        }
        if let Some(porter) = self.porter {
            let _never_fails = porter.await;
        }
        told
    }
}

/// Opens a gate a little later.
fn opens(gate: &Gate, passes: u32, after: Duration) -> JoinHandle<()> {
    let gate = gate.clone();
    tokio::spawn(async move {
        tokio::time::sleep(after).await;
        gate.open(passes as usize);
    })
}

async fn arrival(gate: &Gate, how_many: u32) {
    while gate.arrived() < how_many {
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
}
