//! What callers do to the hot rows, and what each call must have moved if it is stored; knows no server.

use std::sync::Arc;

use fastrand::Rng;

use crate::script::{Level, Script, Shape, Step, Tally};

/// `entry` has two rows of each call: one written first, one written last.
pub const TABLES: &str = "CREATE TABLE counter (id BIGINT PRIMARY KEY, n BIGINT NOT NULL); \
    CREATE TABLE entry (token BIGINT NOT NULL, part INT NOT NULL, PRIMARY KEY (token, part));";

/// A call of a function.
#[derive(Debug)]
pub struct Call {
    pub shape: Shape,
    pub script: Script,
    /// By how much which rows change.
    pub moves: Vec<(i64, i64)>,
    pub tally: Arc<Tally>,
}

/// How a row is changed.
#[derive(Clone, Copy)]
enum Way {
    /// It is read, and what follows from that is written.
    ReadThenWrite,
    /// The same, but the reader locks it.
    LockThenWrite,
    /// The statement itself says by how much.
    AddTo,
    /// The same, on two rows.
    Transfer,
    /// In savepoints, of which one is undone.
    Savepoints,
    /// Not at all, so that COMMIT is what takes the time.
    Not,
}

impl Way {
    const ALL: [Self; 6] = [
        Self::ReadThenWrite,
        Self::LockThenWrite,
        Self::AddTo,
        Self::Transfer,
        Self::Savepoints,
        Self::Not,
    ];

    /// Whether what was read is only good where it still is what is overwritten.
    fn needs_a_snapshot(self) -> bool {
        matches!(self, Self::ReadThenWrite)
    }
}

impl Call {
    /// One on two of these rows, of which the first is changed if one is enough; or one that changes none.
    pub fn draw(rng: &mut Rng, rows: &[i64], moves: bool, token: i64) -> Self {
        let ways = if moves { &Way::ALL[..] } else { &[Way::Not] };
        let way = ways[rng.usize(..ways.len())];
        let first = rng.usize(..rows.len());
        let second = (first + 1 + rng.usize(..rows.len() - 1)) % rows.len();
        let (row, other, by) = (rows[first], rows[second], rng.i64(1..10));
        let tally = Arc::new(Tally::default());
        let entry = |part: i64| Step::run(format!("INSERT INTO entry VALUES ({token}, {part})"));
        let mut steps = vec![Step::Watch(tally.clone()), entry(1)];
        let mut moves = vec![(row, by)];
        match way {
            Way::ReadThenWrite => steps.extend(read_then_write(row, by, "")),
            Way::LockThenWrite => steps.extend(read_then_write(row, by, " FOR UPDATE")),
            Way::AddTo => steps.push(add(row, by)),
            Way::Transfer => {
                steps.extend([add(row, by), add(other, -by)]);
                moves.push((other, -by));
            }
            Way::Not => moves.clear(),
            Way::Savepoints => {
                let undone = [add(other, 1_000_000), Step::Refuse];
                steps.push(Step::call(Shape::Nested, [add(row, by)]));
                steps.push(Step::attempt(Shape::Nested, undone));
            }
        }
        steps.push(entry(2));
        Self {
            shape: shape(rng, way),
            script: steps.into(),
            moves,
            tally,
        }
    }
}

/// Three of four calls are made again after a conflict: of the others, the callers see it.
fn shape(rng: &mut Rng, way: Way) -> Shape {
    let lowest = if way.needs_a_snapshot() { 2 } else { 0 };
    let level = Level::ALL[rng.usize(lowest..Level::ALL.len())];
    match (rng.usize(..4), rng.usize(..3)) {
        (0, 0) => Shape::At(level),
        (0, 1) => Shape::Plain,
        (0, _) => Shape::Fussy,
        (_, 0) => Shape::Retried,
        (_, _) => Shape::RetriedAt(level),
    }
}

/// Whether a function makes another attempt after a conflict.
pub fn is_retried(shape: Shape) -> bool {
    matches!(shape, Shape::Retried | Shape::RetriedAt(_))
}

/// The attempts that such a function makes at most.
pub const ATTEMPTS: u32 = 10;

fn add(row: i64, by: i64) -> Step {
    Step::run(format!("UPDATE counter SET n = n + {by} WHERE id = {row}"))
}

fn read_then_write(row: i64, by: i64, lock: &str) -> [Step; 2] {
    let sql = format!("SELECT CAST(n AS CHAR) FROM counter WHERE id = {row}{lock}");
    let write = Step::then(move |seen| {
        let read: i64 = seen[0][0].parse().expect("a number");
        let sum = read + by;
        vec![Step::run(format!(
            "UPDATE counter SET n = {sum} WHERE id = {row}"
        ))]
    });
    [Step::read(sql), write]
}
