//! The functions that are cancelled, as scripts, and what each may store; knows nothing of polls.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::script::{Gate, Level, Script, Shape, Step, Tally};
use crate::subject::Engine;

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Plain,
    /// Three functions in one transaction.
    Joined,
    Nested,
    /// A nested function fails, and its caller goes on.
    Survived,
    /// Another transaction in the midst of it.
    RequiresNew,
    /// Its first attempt loses a conflict.
    Retried,
    Fussy,
    Reading,
    Serializable,
    /// Its body returns an error.
    Refusing,
    /// Its body panics.
    Panicking,
    /// Hooks at three depths.
    Hooked,
    /// Its body waits for something that is no database.
    Waiting,
    /// No connection is there yet.
    Connecting,
    /// All connections are lent to others.
    Starved,
    /// Another call is on the same pool, and wants the same row.
    Paired,
}

/// How it ends if nobody cancels it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Commits,
    Refuses,
    Panics,
}

/// With what a watched body shares its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The outermost transaction.
    Whole,
    /// The one in the midst of it.
    Alone,
    /// Nothing: it is undone in any case.
    Undone,
}

/// One call of a function.
pub struct Case {
    pub shape: Shape,
    pub script: Script,
    /// What the outermost transaction stores.
    pub whole: &'static [u32],
    /// What the one in the midst of it stores.
    pub alone: &'static [u32],
    pub watched: Vec<(Fate, Arc<Tally>)>,
    /// Where its body waits, if it does.
    pub gate: Gate,
}

impl Function {
    pub const ALL: [Self; 16] = [
        Self::Plain,
        Self::Joined,
        Self::Nested,
        Self::Survived,
        Self::Retried,
        Self::Fussy,
        Self::Reading,
        Self::Serializable,
        Self::Refusing,
        Self::Panicking,
        Self::Hooked,
        Self::Waiting,
        Self::Connecting,
        Self::Starved,
        Self::Paired,
        // Its pools keep a connection free from then on, so that no others could take them all.
        Self::RequiresNew,
    ];

    /// The pools it is called on.
    pub fn pools(self) -> std::ops::RangeInclusive<u32> {
        match self {
            Self::RequiresNew => 2..=3,
            _ => 1..=3,
        }
    }

    pub fn ending(self) -> Ending {
        match self {
            Self::Refusing => Ending::Refuses,
            Self::Panicking => Ending::Panics,
            _ => Ending::Commits,
        }
    }

    /// A call of it that marks its rows with a token.
    pub fn case(self, engine: Engine, token: u64) -> Case {
        let mut case = Case {
            shape: self.shape(),
            script: Script::from([]),
            whole: self.whole(),
            alone: self.alone(engine),
            watched: Vec::new(),
            gate: Gate::default(),
        };
        case.script = self.steps(engine, token, &mut case).into();
        case
    }

    fn shape(self) -> Shape {
        match self {
            Self::Retried => Shape::Impatient,
            Self::Fussy => Shape::Fussy,
            Self::Reading => Shape::Reading,
            Self::Serializable => Shape::At(Level::Serializable),
            _ => Shape::Plain,
        }
    }

    fn whole(self) -> &'static [u32] {
        match self {
            Self::Reading => &[],
            Self::Joined | Self::Nested | Self::Hooked => &[1, 2, 3],
            _ => &[1, 2],
        }
    }

    fn alone(self, engine: Engine) -> &'static [u32] {
        match self {
            Self::RequiresNew if engine != Engine::Sqlite => &[11, 12],
            _ => &[],
        }
    }

    fn steps(self, engine: Engine, token: u64, case: &mut Case) -> Vec<Step> {
        let add = |part| add(token, part);
        let gate = Step::Wait(case.gate.clone());
        let mut watch = |fate| {
            let tally = Arc::new(Tally::default());
            case.watched.push((fate, tally.clone()));
            Step::Watch(tally)
        };
        let between = match self {
            Self::Reading => return vec![look(engine, 1), look(engine, 2)],
            Self::Joined => {
                let third = Step::call(Shape::Plain, [add(3), watch(Fate::Whole)]);
                vec![Step::call(Shape::Plain, [touch(1), third])]
            }
            Self::Nested => vec![Step::call(Shape::Nested, [watch(Fate::Whole), add(3)])],
            Self::Survived => {
                let undone = [watch(Fate::Undone), add(9), touch(1), Step::Refuse];
                vec![Step::attempt(Shape::Nested, undone)]
            }
            Self::RequiresNew if engine == Engine::Sqlite => {
                let refused = [watch(Fate::Undone), add(9)];
                vec![Step::attempt(Shape::RequiresNew, refused)]
            }
            Self::RequiresNew => {
                let alone = [watch(Fate::Alone), add(11), touch(3), add(12)];
                vec![Step::call(Shape::RequiresNew, alone), touch(1)]
            }
            // Nothing to contend for: SQLite's one lock is taken by BEGIN.
            Self::Retried if engine == Engine::Sqlite => vec![touch(1)],
            Self::Retried => vec![contend(engine)],
            Self::Serializable => vec![look(engine, 1), touch(1)],
            Self::Hooked => {
                let joined = Step::call(Shape::Plain, [watch(Fate::Whole), touch(1)]);
                let nested = [add(3), joined, watch(Fate::Whole)];
                vec![Step::call(Shape::Nested, nested)]
            }
            Self::Waiting => vec![touch(1), gate],
            _ => vec![touch(1)],
        };
        let last = match self {
            Self::Refusing => vec![Step::Refuse],
            Self::Panicking => vec![Step::Panic],
            _ => Vec::new(),
        };
        let first = [watch(Fate::Whole), add(1)];
        let second = [add(2)].into_iter().chain(last);
        first.into_iter().chain(between).chain(second).collect()
    }
}

impl Case {
    /// Whether the outermost transaction is stored, and the other one; or what is wrong with these rows.
    pub fn stored(&self, rows: &BTreeSet<u32>) -> Result<(bool, bool), String> {
        let all = |parts: &[u32]| parts.iter().all(|part| rows.contains(part));
        let (whole, alone) = (!self.whole.is_empty(), !self.alone.is_empty());
        let (whole, alone) = (whole && all(self.whole), alone && all(self.alone));
        let of = |is: bool, parts: &'static [u32]| if is { parts } else { &[] };
        let expected = of(whole, self.whole).iter().chain(of(alone, self.alone));
        let expected: BTreeSet<u32> = expected.copied().collect();
        if *rows != expected {
            return Err(format!("only {rows:?} of it is stored"));
        }
        if whole && !alone && !self.alone.is_empty() {
            return Err("it is stored without what it had called".to_owned());
        }
        Ok((whole, alone))
    }
}

/// Marks a part.
pub fn add(token: u64, part: u32) -> Step {
    Step::run(format!("INSERT INTO mark VALUES ({token}, {part})"))
}

/// Locks a row that others want.
pub fn touch(cell: u32) -> Step {
    Step::run(format!("UPDATE cell SET n = n + 1 WHERE id = {cell}"))
}

fn look(engine: Engine, cell: u32) -> Step {
    let n = engine.text("n");
    Step::read(format!("SELECT {n} FROM cell WHERE id = {cell}"))
}

/// A conflict at once while somebody has the row.
fn contend(engine: Engine) -> Step {
    let n = engine.text("n");
    Step::read(format!(
        "SELECT {n} FROM cell WHERE id = 4 FOR UPDATE NOWAIT"
    ))
}
