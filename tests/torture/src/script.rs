//! A transaction's body as data, so that one annotated function serves every trial; knows no driver and no trial.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Semaphore;

/// Which annotated function runs a script: its options are its own, see `services`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// No option: begins, or joins.
    Plain,
    /// Does it again after a conflict, up to ten times.
    Retried,
    /// A savepoint inside another transaction.
    Nested,
    /// A transaction of its own beside another one.
    RequiresNew,
    /// Has 150 ms.
    Timed,
    /// Waits for a lock for 20 ms, and does it again after a conflict, up to ten times.
    Impatient,
    /// All the options that a connection is told of.
    Fussy,
    /// Only reads, in a transaction of its own if it is the outermost.
    Reading,
    /// At a level of isolation.
    At(Level),
    /// At a level of isolation, and again after a conflict, up to ten times.
    RetriedAt(Level),
    /// Only reads, in a transaction of its own beside another one.
    ReadingNew,
}

/// A level of isolation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

impl Level {
    pub const ALL: [Self; 4] = [
        Self::ReadUncommitted,
        Self::ReadCommitted,
        Self::RepeatableRead,
        Self::Serializable,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::ReadUncommitted => "read uncommitted",
            Self::ReadCommitted => "read committed",
            Self::RepeatableRead => "repeatable read",
            Self::Serializable => "serializable",
        }
    }
}

/// What the reads of a body have read: one entry for each, its rows in order.
pub type Seen = Vec<Vec<String>>;

/// The steps that follow from what was read.
pub type Next = Arc<dyn Fn(&Seen) -> Vec<Step> + Send + Sync>;

/// One thing a body does.
#[derive(Clone)]
pub enum Step {
    /// Runs a statement.
    Run(String),
    /// Reads rows of one column of text.
    Read(String),
    /// Counts this attempt, and registers hooks that count its end.
    Watch(Arc<Tally>),
    /// Waits until it is let through.
    Wait(Gate),
    /// Goes on as what was read tells it to.
    Then(Next),
    /// Calls another function with this transaction, and passes its error on.
    Call(Shape, Script),
    /// The same, but swallows its error.
    Try(Shape, Script),
    /// Returns an error of its own.
    Refuse,
    /// Panics.
    Panic,
}

impl Step {
    pub fn run(sql: impl Into<String>) -> Self {
        Self::Run(sql.into())
    }

    pub fn read(sql: impl Into<String>) -> Self {
        Self::Read(sql.into())
    }

    pub fn then(next: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::Then(Arc::new(next))
    }

    pub fn call(shape: Shape, steps: impl Into<Script>) -> Self {
        Self::Call(shape, steps.into())
    }

    pub fn attempt(shape: Shape, steps: impl Into<Script>) -> Self {
        Self::Try(shape, steps.into())
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(sql) | Self::Read(sql) => f.write_str(sql),
            Self::Watch(_) => f.write_str("watch"),
            Self::Wait(_) => f.write_str("wait"),
            Self::Then(_) => f.write_str("then"),
            Self::Call(shape, script) => write!(f, "call {shape:?} {script:?}"),
            Self::Try(shape, script) => write!(f, "try {shape:?} {script:?}"),
            Self::Refuse => f.write_str("refuse"),
            Self::Panic => f.write_str("panic"),
        }
    }
}

/// The steps of a body; cheap to copy for every attempt.
#[derive(Clone, Debug)]
pub struct Script(Arc<[Step]>);

impl Script {
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl From<Vec<Step>> for Script {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps.into())
    }
}

impl<const N: usize> From<[Step; N]> for Script {
    fn from(steps: [Step; N]) -> Self {
        Self(Arc::new(steps))
    }
}

/// How often a body began, and hooks of each outcome ran.
#[derive(Debug, Default)]
pub struct Tally {
    pub bodies: AtomicU32,
    pub committed: AtomicU32,
    pub rolled_back: AtomicU32,
    pub unknown: AtomicU32,
}

impl Tally {
    /// The bodies, and the hooks after commit, after rollback and after an unknown outcome.
    pub fn counts(&self) -> [u32; 4] {
        [
            &self.bodies,
            &self.committed,
            &self.rolled_back,
            &self.unknown,
        ]
        .map(|count| count.load(Ordering::SeqCst))
    }

    pub fn add(count: &AtomicU32) {
        count.fetch_add(1, Ordering::SeqCst);
    }
}

/// Where bodies wait for a director, who lets them through one by one.
#[derive(Clone, Debug)]
pub struct Gate {
    passes: Arc<Semaphore>,
    arrived: Arc<AtomicU32>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            passes: Arc::new(Semaphore::new(0)),
            arrived: Arc::default(),
        }
    }
}

impl Gate {
    /// Lets this many through, now or when they come.
    pub fn open(&self, passes: usize) {
        self.passes.add_permits(passes);
    }

    /// How many have come so far.
    pub fn arrived(&self) -> u32 {
        self.arrived.load(Ordering::SeqCst)
    }

    /// Waits to be let through. A gate that nobody opens any more is a hang, which the watchdog of a trial sees.
    pub async fn pass(&self) {
        self.arrived.fetch_add(1, Ordering::SeqCst);
        if let Ok(pass) = self.passes.acquire().await {
            pass.forget();
        }
    }
}
