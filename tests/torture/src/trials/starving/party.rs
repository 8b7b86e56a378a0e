//! Who calls whom, and what each must have stored and may be told; runs nothing.

use std::collections::BTreeSet;

use crate::place::Place;
use crate::script::{Gate, Script, Seen, Shape, Step};
use crate::subject::{Engine, Failure, Told};

/// Which functions take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Writers in writers, each with a row of its own.
    Writers,
    /// Readers in readers.
    Readers,
    /// Readers in a writer.
    Mixed,
}

/// How the outer function ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As the inner one did.
    Follows,
    /// It fails by itself, after the inner one.
    Refuses,
    /// It swallows the inner one's error.
    Swallows,
}

/// A caller.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    pub kind: Kind,
    pub end: End,
    /// How many transactions are inside each other in its outer one.
    pub depth: u32,
    /// Its outer row; the inner ones follow.
    pub row: i64,
}

/// What an answer was, as far as it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Committed,
    /// The body's own error.
    Refused,
    /// No connection could ever have come free.
    Starved,
    /// A second writer inside of the only one.
    SelfDeadlock,
    /// The outermost one lost its patience, with the pool or with SQLite's other writers.
    Impatient,
}

/// Makes the tables.
pub async fn prepare(place: &Place) {
    for table in [
        "CREATE TABLE parts (id BIGINT PRIMARY KEY)",
        "CREATE TABLE locks (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)",
    ] {
        let made = place.run(table).await;
        made.unwrap_or_else(|why| panic!("make a table on {}: {why}", place.engine().name()));
    }
}

impl Kind {
    pub fn outer(self) -> Shape {
        match self {
            Self::Writers | Self::Mixed => Shape::Plain,
            Self::Readers => Shape::Reading,
        }
    }

    fn inner(self) -> Shape {
        match self {
            Self::Writers => Shape::RequiresNew,
            Self::Readers | Self::Mixed => Shape::ReadingNew,
        }
    }

    /// Their functions' names.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Writers => ("plain", "requires_new"),
            Self::Readers => ("reading", "reading_new"),
            Self::Mixed => ("plain", "reading_new"),
        }
    }

    /// Whether the database has no place for the inner one, however many connections there are.
    pub fn is_deadlock(self, engine: Engine) -> bool {
        (self, engine) == (Self::Writers, Engine::Sqlite)
    }

    /// Whether several outer ones can be open at once.
    pub fn can_meet(self, engine: Engine) -> bool {
        self == Self::Readers || engine != Engine::Sqlite
    }
}

impl Caller {
    pub fn script(self, engine: Engine, gate: Option<&Gate>) -> Script {
        let mut steps = self.work(engine, 0);
        steps.extend(gate.cloned().map(Step::Wait));
        let inner = self.inner(engine, 1);
        steps.push(match self.end {
            End::Swallows => Step::attempt(self.kind.inner(), inner),
            End::Follows | End::Refuses => Step::call(self.kind.inner(), inner),
        });
        if self.end == End::Refuses {
            steps.push(Step::Refuse);
        }
        steps.into()
    }

    fn inner(self, engine: Engine, level: u32) -> Script {
        let mut steps = self.work(engine, level);
        if level < self.depth {
            steps.push(Step::call(self.kind.inner(), self.inner(engine, level + 1)));
        }
        steps.into()
    }

    /// A row, or a look.
    fn work(self, engine: Engine, level: u32) -> Vec<Step> {
        let writes = self.kind == Kind::Writers || (self.kind == Kind::Mixed && level == 0);
        let row = self.row + i64::from(level);
        let insert = Step::run(format!("INSERT INTO parts VALUES ({row})"));
        let look = Step::read(format!("SELECT {}", engine.text(&level.to_string())));
        writes.then_some(insert).into_iter().chain([look]).collect()
    }

    /// What it was told, if it may be told that; else what is wrong with it.
    pub fn answer(self, engine: Engine, told: &Told) -> Result<Answer, String> {
        use txkit::Error::{Acquire, Begin, SelfDeadlock, Starved};
        let failure = match told {
            Told::Committed(seen) => return self.committed(engine, seen),
            Told::NotCommitted(failure) => failure,
            told => return Err(format!("{told:?}")),
        };
        match failure.tx() {
            None if self.end == End::Refuses && failure.to_string() == "the body refused" => {
                Ok(Answer::Refused)
            }
            Some(Starved {
                function, outer, ..
            }) => {
                self.names_both(failure, function, outer)?;
                Ok(Answer::Starved)
            }
            Some(SelfDeadlock {
                function,
                outer,
                source: None,
            }) if self.kind.is_deadlock(engine) => {
                self.names_both(failure, function, outer)?;
                Ok(Answer::SelfDeadlock)
            }
            Some(Acquire { function, .. }) if self.is_outer(function) => Ok(Answer::Impatient),
            Some(Begin { function, .. }) if engine == Engine::Sqlite && self.is_outer(function) => {
                match failure.conflict() {
                    Some(_) => Ok(Answer::Impatient),
                    None => Err(failure.to_string()),
                }
            }
            _ => Err(failure.to_string()),
        }
    }

    fn committed(self, engine: Engine, seen: &Seen) -> Result<Answer, String> {
        let looks: Vec<Vec<String>> = (0..=self.depth)
            .map(|level| vec![level.to_string()])
            .collect();
        let is_whole = *seen == looks;
        let is_alone = self.end == End::Swallows && *seen == looks[..1];
        let must_fail = self.end == End::Refuses || (is_whole && self.kind.is_deadlock(engine));
        if must_fail || !(is_whole || is_alone) {
            return Err(format!("committed, having seen {seen:?}"));
        }
        Ok(Answer::Committed)
    }

    fn is_outer(self, function: &str) -> bool {
        function.rsplit("::").next() == Some(self.kind.names().0)
    }

    /// Both functions, by the paths at which they are.
    fn names_both(self, failure: &Failure, function: &str, outer: &str) -> Result<(), String> {
        let (outer_name, inner_name) = self.kind.names();
        let (path, name) = function.rsplit_once("::").unwrap_or_default();
        let (outer_path, by) = outer.rsplit_once("::").unwrap_or_default();
        // A second level's caller is an inner one itself.
        let is_outer = by == outer_name || (self.depth > 1 && by == inner_name);
        let text = failure.to_string();
        let said = text.contains(function) && text.contains(outer);
        if name != inner_name || !is_outer || path != outer_path || path.is_empty() || !said {
            return Err(format!("names `{function}` and `{outer}`: {failure}"));
        }
        Ok(())
    }

    /// Whether its inner ones have committed, which they do by themselves.
    fn inner_committed(self, answer: Answer, told: &Told) -> bool {
        match (answer, told) {
            (Answer::Committed, Told::Committed(seen)) => seen.len() as u32 == self.depth + 1,
            (Answer::Refused, _) => true,
            _ => false,
        }
    }

    /// The row that is there if it is committed.
    pub fn outer_row(self) -> Option<i64> {
        (self.kind != Kind::Readers).then_some(self.row)
    }

    /// The rows that must be there.
    pub fn rows(self, answer: Answer, told: &Told) -> BTreeSet<i64> {
        let mut rows = BTreeSet::new();
        if answer == Answer::Committed {
            rows.extend(self.outer_row());
        }
        if self.kind == Kind::Writers && self.inner_committed(answer, told) {
            rows.extend((1..=self.depth).map(|level| self.row + i64::from(level)));
        }
        rows
    }

    /// Whether its inner one was refused, passed on or swallowed.
    pub fn was_refused(self, answer: Answer, told: &Told) -> bool {
        matches!(answer, Answer::Starved)
            || (answer == Answer::Committed && !self.inner_committed(answer, told))
    }
}
