//! A blocking driver whose database is a list of what it was told, to exercise the blocking runner; no real driver.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::conflict::{Conflict, Damage, Failure};
use crate::connection::{
    Answer, Begun, BlockingConnection, Connection, Engine, NotBegun, Origin, Plan, PoolFacts,
    Undone,
};
use crate::definition::Isolation;
use crate::error::Error;
use crate::gate::Lives;
use crate::hooks::Blocking;
use crate::source::Pool;
use crate::statement::Dialect;

/// A scripted failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("scripted: {0:?}")]
pub(super) struct FakeError(pub(super) Fault);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Deadlock,
    Unknown,
    Plain,
    /// The error leaves it open whether the transaction is alive.
    Doubtful,
    /// The transaction is not there, or not ours.
    Gone,
    /// Ours: nothing was sent, because the transaction has ended.
    Ended,
    /// Ours: nothing was sent, because this function's time was up.
    Late(&'static str),
    /// Ours: nothing was sent, for another reason.
    Refused,
}

impl From<Error> for FakeError {
    fn from(error: Error) -> Self {
        Self(match error {
            Error::Timeout { function, .. } => Fault::Late(function),
            Error::Ended { .. } => Fault::Ended,
            _ => Fault::Refused,
        })
    }
}

/// All connections of one pool write to one log and read from one script.
#[derive(Debug, Default)]
struct Server {
    log: Vec<String>,
    /// Commands that are to fail, each the next time it comes.
    script: VecDeque<(&'static str, Fault)>,
    leased: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct FakePool(Arc<Mutex<Server>>);

impl FakePool {
    fn server(&self) -> MutexGuard<'_, Server> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fails(&self, command: &'static str, fault: Fault) -> &Self {
        self.server().script.push_back((command, fault));
        self
    }

    pub(super) fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.server().log)
    }

    pub(super) fn note(&self, text: &str) {
        self.server().log.push(text.to_owned());
    }
}

impl Pool for FakePool {
    type Conn = FakeConnection;

    fn shared(&self) -> Self {
        self.clone()
    }
}

#[derive(Debug)]
pub(super) struct FakeConnection {
    pool: FakePool,
    name: u32,
    /// As a driver counts.
    pub(super) depth: usize,
}

impl FakeConnection {
    pub(super) fn tell(&mut self, command: &str) -> Result<(), FakeError> {
        let mut server = self.pool.server();
        server.log.push(format!("{}: {command}", self.name));
        let faulty = server
            .script
            .iter()
            .position(|(faulty, _)| command.starts_with(faulty));
        match faulty.and_then(|at| server.script.remove(at)) {
            Some((_, fault)) => Err(FakeError(fault)),
            None => Ok(()),
        }
    }
}

#[derive(Debug)]
pub(super) struct FakeLease(FakeConnection);

impl Deref for FakeLease {
    type Target = FakeConnection;

    fn deref(&self) -> &FakeConnection {
        &self.0
    }
}

impl DerefMut for FakeLease {
    fn deref_mut(&mut self) -> &mut FakeConnection {
        &mut self.0
    }
}

impl Drop for FakeLease {
    fn drop(&mut self) {
        self.0.pool.server().leased -= 1;
        let name = self.0.name;
        self.0.pool.note(&format!("{name}: back"));
    }
}

impl Connection for FakeConnection {
    type Mode = Blocking;
    type Pool = FakePool;
    type Lease = FakeLease;
    type Error = FakeError;
    type Memory = ();

    const ENGINE: Engine = Engine {
        name: "fake",
        floor: Isolation::ReadCommitted,
        deferrable: false,
        one_writer: false,
        dialect: Dialect::MySql,
        limit_locks: None,
        check_constraints: None,
    };

    fn facts(pool: &FakePool) -> PoolFacts {
        PoolFacts {
            identity: Arc::as_ptr(&pool.0).addr(),
            max: 2,
            patience: Duration::from_secs(9),
        }
    }

    fn lives(pool: &FakePool) -> Lives {
        let pool = Arc::downgrade(&pool.0);
        Box::new(move || pool.strong_count() > 0)
    }

    fn depth(&mut self) -> usize {
        self.depth
    }

    fn classify(error: &FakeError) -> Failure {
        match error.0 {
            Fault::Deadlock => Failure::conflict(Damage::Aborted, Conflict::Deadlock),
            Fault::Doubtful => Failure::of(Damage::Doubtful),
            Fault::Plain | Fault::Unknown | Fault::Gone => Failure::of(Damage::Statement),
            Fault::Ended | Fault::Late(_) | Fault::Refused => Failure::of(Damage::None),
        }
    }

    fn abandon(&mut self, (): &mut (), _: Origin, _: bool) -> bool {
        self.tell("abandon").is_ok()
    }

    fn discard(lease: FakeLease, (): &mut ()) {
        lease.0.pool.note("discard");
    }

    fn spoil(lease: &mut FakeLease) {
        lease.0.pool.note("spoil");
    }
}

impl BlockingConnection for FakeConnection {
    fn lease(pool: &FakePool) -> Result<FakeLease, FakeError> {
        let mut server = pool.server();
        server.leased += 1;
        Ok(FakeLease(Self {
            pool: pool.clone(),
            name: server.leased,
            depth: 0,
        }))
    }

    fn begin(&mut self, _: &Plan, (): &mut ()) -> Result<Begun, NotBegun<FakeError>> {
        let told = self.tell("BEGIN");
        told.map(|()| Begun::Own)
            .map_err(|error| NotBegun { error, clean: true })
    }

    fn commit(&mut self, (): &mut ()) -> Answer<FakeError> {
        match self.tell("COMMIT") {
            Ok(()) => Answer::Committed { clean: true },
            Err(error @ FakeError(Fault::Unknown)) => Answer::Unknown { error },
            Err(error) => Answer::Refused {
                conflict: Self::classify(&error).conflict,
                error,
            },
        }
    }

    fn rollback(&mut self, (): &mut (), _: bool) -> Result<Undone<FakeError>, FakeError> {
        match self.tell("ROLLBACK") {
            Ok(()) => Ok(Undone::RolledBack { clean: true }),
            Err(error @ FakeError(Fault::Gone)) => Ok(Undone::Gone { error }),
            Err(error) => Err(error),
        }
    }

    fn control(&mut self, sql: String) -> Result<(), FakeError> {
        self.tell(&sql)
    }

    fn alive(&mut self) -> Result<bool, FakeError> {
        match self.tell("alive?") {
            Ok(()) => Ok(true),
            Err(FakeError(Fault::Gone)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn lend(&mut self, (): &mut (), _: u32) -> Result<(), FakeError> {
        self.tell("lend")
    }
}
