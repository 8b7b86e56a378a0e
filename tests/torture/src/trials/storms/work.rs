//! What the workers of a storm do, and what the rows must say afterwards; knows no txkit and no adapter.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::place::Place;
use crate::script::{Gate, Level, Script, Seen, Shape, Step, Tally};
use crate::subject::Engine;

/// A kind of storm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Money goes from one row to another, and the other way: locks in opposite orders.
    Crossing,
    /// A row is read, and written with one more.
    Counter(Level),
    /// Someone must be on call: each reads who is, and leaves if others stay.
    OnCall,
    /// A row is increased by those who wait for no lock.
    Impatient,
}

/// One call of a storm.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    pub id: i64,
    pub worker: u32,
    pub round: u32,
    /// What a transfer moves.
    pub amount: i64,
}

/// The rows that a storm left.
#[derive(Debug)]
pub struct Rows {
    /// Who stored something, and how often.
    pub marks: Vec<i64>,
    /// The first row and the second one.
    pub values: [i64; 2],
    /// How many are on call.
    pub on_call: i64,
}

/// Where the first two callers wait for each other on their first attempts, so that they conflict for certain.
#[derive(Clone)]
pub struct Opening {
    pub gate: Gate,
    pub tally: Arc<Tally>,
}

const START: i64 = 1_000;

/// Makes the tables.
pub async fn prepare(place: &Place) {
    for table in [
        "CREATE TABLE marks (id BIGINT NOT NULL)",
        "CREATE TABLE acc (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)",
        "CREATE TABLE doctors (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)",
    ] {
        place.run(table).await.expect("make a table");
    }
    if place.engine() == Engine::Postgres {
        // A second before each deadlock is looked for would make a storm a lull.
        let sooner = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''10ms''', \
            current_database()); END $$";
        place.run(sooner).await.expect("look for deadlocks sooner");
    }
}

/// Puts the rows back.
pub async fn renew(place: &Place) {
    let rows = format!(
        "DELETE FROM marks; DELETE FROM acc; DELETE FROM doctors; \
         INSERT INTO acc VALUES (1, {START}), (2, {START}); \
         INSERT INTO doctors VALUES (1, 1), (2, 1), (3, 0), (4, 0)"
    );
    place.run(&rows).await.expect("put the rows back");
}

/// Reads them.
pub async fn rows(place: &Place) -> Rows {
    let text = |expression| place.engine().text(expression);
    let marks = numbers(place, &format!("SELECT {} FROM marks", text("id"))).await;
    let values = numbers(place, &format!("SELECT {} FROM acc ORDER BY id", text("n"))).await;
    let on_call = numbers(place, &on_call_sql(place.engine())).await;
    Rows {
        marks,
        values: [values[0], values[1]],
        on_call: on_call[0],
    }
}

async fn numbers(place: &Place, sql: &str) -> Vec<i64> {
    let read = place.read(sql).await.expect("read the rows");
    read.iter().map(|text| number(text)).collect()
}

fn number(text: &str) -> i64 {
    text.parse().expect("a number")
}

fn on_call_sql(engine: Engine) -> String {
    format!(
        "SELECT {} FROM doctors WHERE n = 1",
        engine.text("count(*)")
    )
}

fn last_number(seen: &Seen) -> i64 {
    number(&seen.last().expect("it has read")[0])
}

impl Work {
    /// Those that make sense on an engine. SQLite's writers begin one after another: only there is impatience a storm of its
    /// own, and the others show that waiting in line is no conflict.
    pub fn of(engine: Engine) -> Vec<Self> {
        let mut all = vec![
            Self::Crossing,
            Self::Counter(Level::RepeatableRead),
            Self::Counter(Level::Serializable),
            Self::OnCall,
        ];
        if engine != Engine::MySql {
            // MariaDB counts lock waits in whole seconds.
            all.push(Self::Impatient);
        }
        all
    }

    pub fn name(self) -> String {
        match self {
            Self::Crossing => "opposite orders".to_owned(),
            Self::Counter(level) => format!("counter at {}", level.name()),
            Self::OnCall => "on call".to_owned(),
            Self::Impatient => "impatient counter".to_owned(),
        }
    }

    /// Whether every server must replay much of it.
    pub fn is_fierce(self) -> bool {
        matches!(self, Self::Crossing | Self::Counter(Level::Serializable))
    }

    /// Which number of workers a quick run takes.
    pub fn quick_size(self, chance: &mut fastrand::Rng) -> usize {
        match self {
            // Where the bucket matters most.
            Self::Counter(Level::Serializable) => 3 + chance.usize(..3),
            _ => chance.usize(..6),
        }
    }

    /// The function that does it.
    pub fn shape(self) -> Shape {
        match self {
            Self::Crossing => Shape::Retried,
            Self::Counter(level) => Shape::RetriedAt(level),
            Self::OnCall => Shape::RetriedAt(Level::Serializable),
            Self::Impatient => Shape::Impatient,
        }
    }

    /// Whether two callers who have both done their first half must conflict.
    pub fn must_conflict(self, engine: Engine) -> bool {
        match (self, engine) {
            (Self::Impatient, _) => true,
            (_, Engine::Sqlite) => false,
            // Alone it loses updates, see `counter`; the lock it takes instead is waited for.
            (Self::Counter(Level::RepeatableRead), Engine::MySql) => false,
            _ => true,
        }
    }

    /// How many of the first two come to the gate before any conflict: the second is kept from it by what the first holds.
    pub fn meeting(self) -> u32 {
        if self == Self::Impatient { 1 } else { 2 }
    }

    /// A call's body.
    pub fn script(
        self,
        engine: Engine,
        job: Job,
        tally: Arc<Tally>,
        opening: Option<Opening>,
    ) -> Script {
        let mut steps = vec![Step::Watch(tally)];
        match self {
            Self::Crossing => steps.extend(crossing(job, opening)),
            Self::Counter(level) => steps.extend(counter(engine, level, opening)),
            Self::OnCall => steps.extend(on_call(engine, job, opening)),
            Self::Impatient => {
                steps.push(Step::run("UPDATE acc SET n = n + 1 WHERE id = 1"));
                steps.extend(opening.map(meet));
            }
        }
        steps.push(Step::run(format!("INSERT INTO marks VALUES ({})", job.id)));
        steps.into()
    }

    /// What is wrong with the rows, given the calls that are stored.
    pub fn judge(self, rows: &Rows, stored: &[Job]) -> Option<String> {
        let increments = stored.len() as i64;
        let expected = match self {
            Self::Crossing => {
                let gained: i64 = stored.iter().map(|job| direction(*job) * job.amount).sum();
                [START + gained, START - gained]
            }
            Self::Counter(_) | Self::Impatient => [START + increments, START],
            Self::OnCall => [START, START],
        };
        if self == Self::OnCall && rows.on_call < 1 {
            return Some("nobody is on call".to_owned());
        }
        (rows.values != expected).then(|| format!("{:?} instead of {expected:?}", rows.values))
    }

    /// What is wrong with what a committed call has read.
    pub fn judge_seen(self, seen: &Seen) -> Option<&'static str> {
        (self == Self::OnCall && !seen.is_empty() && last_number(seen) < 1)
            .then_some("a call saw nobody on call")
    }
}

fn meet(Opening { gate, tally }: Opening) -> Step {
    Step::then(move |_| match tally.bodies.load(Ordering::SeqCst) {
        1 => vec![Step::Wait(gate.clone())],
        _ => Vec::new(),
    })
}

fn direction(job: Job) -> i64 {
    if job.worker.is_multiple_of(2) { 1 } else { -1 }
}

fn crossing(job: Job, opening: Option<Opening>) -> Vec<Step> {
    let gains = |id, gain: i64| Step::run(format!("UPDATE acc SET n = n + {gain} WHERE id = {id}"));
    let moved = direction(job) * job.amount;
    let mut halves = [gains(1, moved), gains(2, -moved)];
    if direction(job) < 0 {
        halves.reverse();
    }
    let [first, second] = halves;
    let gate = opening.map(meet);
    [first].into_iter().chain(gate).chain([second]).collect()
}

/// MariaDB 10.11 at repeatable read loses updates that follow from a plain read, unless `innodb_snapshot_isolation` is on:
/// that is its doing, so that the row is read for update there.
fn counter(engine: Engine, level: Level, opening: Option<Opening>) -> Vec<Step> {
    let locked = (engine, level) == (Engine::MySql, Level::RepeatableRead);
    let lock = if locked { " FOR UPDATE" } else { "" };
    let read = format!("SELECT {} FROM acc WHERE id = 1{lock}", engine.text("n"));
    let write = Step::then(|seen| {
        let next = last_number(seen) + 1;
        vec![Step::run(format!("UPDATE acc SET n = {next} WHERE id = 1"))]
    });
    let gate = opening.map(meet);
    [Step::read(read)]
        .into_iter()
        .chain(gate)
        .chain([write])
        .collect()
}

/// They leave in turn, and come back in turn.
fn on_call(engine: Engine, job: Job, opening: Option<Opening>) -> Vec<Step> {
    let (doctor, leaves) = (job.worker % 4 + 1, job.round.is_multiple_of(2));
    let act = Step::then(move |seen| {
        let becomes = u8::from(!leaves);
        let may = !leaves || last_number(seen) >= 2;
        let update = format!("UPDATE doctors SET n = {becomes} WHERE id = {doctor}");
        may.then(|| Step::run(update)).into_iter().collect()
    });
    let gate = opening.map(meet);
    let read = Step::read(on_call_sql(engine));
    [read].into_iter().chain(gate).chain([act]).collect()
}
