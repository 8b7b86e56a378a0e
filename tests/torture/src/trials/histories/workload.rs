//! What the workers do: random transactions over a few hot keys, as scripts in an engine's dialect; knows no adapter and
//! no checker.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use adya::Workload;
use adya::r#gen::{Gen, GenOpts, Kind as GenKind, TxnOp};

use crate::script::{Script, Seen, Step, Tally};
use crate::seed::Seed;
use crate::subject::Engine;

/// What is written: lists that grow, or registers that are overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Lists,
    Registers,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Lists, Self::Registers];

    pub fn name(self) -> &'static str {
        match self {
            Self::Lists => "lists",
            Self::Registers => "registers",
        }
    }

    pub fn workload(self) -> Workload {
        match self {
            Self::Lists => Workload::ListAppend,
            Self::Registers => Workload::RwRegister,
        }
    }
}

/// One call of an annotated function.
#[derive(Clone, Debug)]
pub struct Call {
    pub ops: Arc<[TxnOp]>,
    /// Whether the function does it again after a conflict.
    pub retried: bool,
    /// When its caller loses patience.
    pub dropped_after: Option<Duration>,
}

impl Call {
    pub fn writes(&self) -> bool {
        self.ops.iter().any(|op| !matches!(op, TxnOp::Read(_)))
    }

    /// Whether the order of both could matter.
    pub fn meets(&self, other: &Self) -> bool {
        self.ops.iter().any(|mine| {
            let is_the_same = |its: &&TxnOp| key_of(its) == key_of(mine);
            let is_write = |op: &TxnOp| !matches!(op, TxnOp::Read(_));
            let both = other.ops.iter().filter(is_the_same);
            both.into_iter().any(|its| is_write(its) || is_write(mine))
        })
    }
}

fn key_of(op: &TxnOp) -> i64 {
    match *op {
        TxnOp::Append(key, _) | TxnOp::Write(key, _) | TxnOp::Read(key) => key,
    }
}

/// All calls of a history. Callers lose patience only among those that faults are meant for.
pub fn calls(
    seed: Seed,
    place: &str,
    kind: Kind,
    count: usize,
    impatient: std::ops::Range<usize>,
) -> Vec<Call> {
    let options = GenOpts {
        kind: match kind {
            Kind::Lists => GenKind::ListAppend,
            Kind::Registers => GenKind::RwRegister,
        },
        key_count: 5,
        min_txn_len: 1,
        max_txn_len: 5,
        // Lists are to stay short. Where a register has gone cold, the checker looks for its next use to the end.
        max_writes_per_key: match kind {
            Kind::Lists => 32,
            Kind::Registers => 150,
        },
    };
    let mut transactions = Gen::new(options, seed.number(format!("{place} transactions")));
    let mut rng = seed.of(format!("{place} calls"));
    let one = |index: usize| Call {
        ops: transactions.txn().into(),
        retried: rng.bool(),
        dropped_after: (rng.u8(..12) == 0 && impatient.contains(&index))
            .then(|| patience(&mut rng)),
    };
    (0..count).map(one).collect()
}

/// From far too short to about as long as a call takes, whatever the machine.
fn patience(rng: &mut fastrand::Rng) -> Duration {
    let most = 1 << rng.u32(7..15);
    Duration::from_micros(rng.u64(..most))
}

/// The most attempts of a call that can be told apart.
pub const ATTEMPTS: u32 = 32;

/// What an attempt writes where the plan says `number`: each its own, so that an attempt that was undone is never taken
/// for the one that was not.
pub fn element(number: i64, attempt: u32) -> i64 {
    number * i64::from(ATTEMPTS) + i64::from(attempt % ATTEMPTS)
}

/// The same backwards.
pub fn number_of(element: i64) -> (i64, u32) {
    let attempts = i64::from(ATTEMPTS);
    let attempt = u32::try_from(element % attempts).unwrap_or(0);
    (element / attempts, attempt)
}

/// SQL of one kind of history on one engine.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    pub engine: Engine,
    pub kind: Kind,
    /// Appends are made by hand, badly.
    pub stale: bool,
}

impl Dialect {
    pub fn tables(self) -> &'static str {
        match self.engine {
            // A deadlock is to be found soon, as on the other engines: this workload makes many.
            Engine::Postgres => {
                "CREATE TABLE lists (k BIGINT PRIMARY KEY, v TEXT NOT NULL);
                 CREATE TABLE regs (k BIGINT PRIMARY KEY, v BIGINT NOT NULL);
                 CREATE TABLE receipts (id BIGINT PRIMARY KEY);
                 DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''10ms''', current_database()); END $$"
            }
            Engine::Sqlite | Engine::MySql => {
                "CREATE TABLE lists (k BIGINT PRIMARY KEY, v TEXT NOT NULL);
                 CREATE TABLE regs (k BIGINT PRIMARY KEY, v BIGINT NOT NULL);
                 CREATE TABLE receipts (id BIGINT PRIMARY KEY)"
            }
        }
    }

    /// A call's body. Each attempt writes values of its own.
    pub fn script(self, index: usize, call: &Call, tally: &Arc<Tally>) -> Script {
        let (ops, bodies) = (call.ops.clone(), tally.clone());
        let receipt = self.kind == Kind::Registers && call.writes();
        let body = Step::then(move |_| {
            let attempt = bodies.bodies.load(Ordering::SeqCst);
            let mut steps: Vec<_> = ops.iter().flat_map(|op| self.steps(*op, attempt)).collect();
            if receipt {
                let id = element(receipt_of(index), attempt);
                steps.push(Step::run(format!("INSERT INTO receipts VALUES ({id})")));
            }
            steps
        });
        [Step::Watch(tally.clone()), body].into()
    }

    fn steps(self, op: TxnOp, attempt: u32) -> Vec<Step> {
        match op {
            TxnOp::Read(key) => vec![Step::read(self.read(key))],
            TxnOp::Write(key, number) => {
                vec![Step::run(self.write("regs", key, element(number, attempt)))]
            }
            TxnOp::Append(key, number) if self.stale => {
                self.stale_append(key, element(number, attempt))
            }
            TxnOp::Append(key, number) => {
                vec![Step::run(self.append(key, element(number, attempt)))]
            }
        }
    }

    fn read(self, key: i64) -> String {
        match self.kind {
            Kind::Lists => format!("SELECT v FROM lists WHERE k = {key}"),
            Kind::Registers => {
                let v = self.engine.text("v");
                format!("SELECT {v} FROM regs WHERE k = {key}")
            }
        }
    }

    fn append(self, key: i64, element: i64) -> String {
        match self.engine {
            Engine::Sqlite | Engine::Postgres => format!(
                "INSERT INTO lists VALUES ({key}, '{element}') \
                 ON CONFLICT (k) DO UPDATE SET v = lists.v || ',' || excluded.v"
            ),
            Engine::MySql => format!(
                "INSERT INTO lists VALUES ({key}, '{element}') \
                 ON DUPLICATE KEY UPDATE v = CONCAT(v, ',', VALUES(v))"
            ),
        }
    }

    fn write(self, table: &str, key: i64, value: impl std::fmt::Display) -> String {
        match self.engine {
            Engine::Sqlite | Engine::Postgres => format!(
                "INSERT INTO {table} VALUES ({key}, '{value}') ON CONFLICT (k) DO UPDATE SET v = excluded.v"
            ),
            Engine::MySql => format!(
                "INSERT INTO {table} VALUES ({key}, '{value}') ON DUPLICATE KEY UPDATE v = VALUES(v)"
            ),
        }
    }

    /// The lost update that every textbook has: read, add, write back.
    fn stale_append(self, key: i64, element: i64) -> Vec<Step> {
        let write_back = move |seen: &Seen| {
            let old = seen.last().and_then(|rows| rows.first());
            let new = old.map_or(element.to_string(), |old| format!("{old},{element}"));
            vec![Step::run(self.write("lists", key, new))]
        };
        vec![Step::read(self.read(key)), Step::then(write_back)]
    }

    /// What each of a call's reads has read, in their order; `None` if these cannot be a committed call's answers.
    pub fn reads(self, call: &Call, seen: &Seen) -> Option<Vec<Vec<i64>>> {
        let mut seen = seen.iter();
        let mut reads = Vec::new();
        for op in call.ops.iter() {
            match op {
                TxnOp::Read(_) => reads.push(elements(seen.next()?)?),
                TxnOp::Append(..) if self.stale => drop(seen.next()?),
                TxnOp::Append(..) | TxnOp::Write(..) => {}
            }
        }
        seen.next().is_none().then_some(reads)
    }
}

/// The number that a call's receipt is made of.
pub fn receipt_of(index: usize) -> i64 {
    i64::try_from(index).expect("fewer calls")
}

/// The rows of one key: none or one.
pub fn elements(rows: &[String]) -> Option<Vec<i64>> {
    match rows {
        [] => Some(Vec::new()),
        [row] => row.split(',').map(|each| each.parse().ok()).collect(),
        _ => None,
    }
}
