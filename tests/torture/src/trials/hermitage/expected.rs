//! What is published of each engine's levels, and what is expected here; knows no adapter and no script's steps.

use super::scripts;
use crate::script::Level;

/// What became of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The anomaly happened.
    Observed,
    /// Nobody waited and nobody failed: it was just not to be seen.
    Unseen,
    /// One waited for another's end, and then everything was in order.
    Waited,
    /// One ended with a conflict.
    Conflict,
    /// The same, and was done again.
    Again,
}

impl Outcome {
    const LETTERS: [(char, Self); 5] = [
        ('A', Self::Observed),
        ('-', Self::Unseen),
        ('w', Self::Waited),
        ('c', Self::Conflict),
        ('r', Self::Again),
    ];

    fn of(letter: char) -> Self {
        let found = Self::LETTERS.iter().find(|(known, _)| *known == letter);
        found.expect("a letter of an outcome").1
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Observed => "ANOMALY",
            Self::Unseen => "ok, not seen",
            Self::Waited => "ok, waits",
            Self::Conflict => "ok, conflict",
            Self::Again => "ok, done again",
        }
    }

    pub fn is_observed(self) -> bool {
        self == Self::Observed
    }
}

/// An engine as it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    Sqlite,
    Postgres,
    MariaDb,
    /// With `innodb_snapshot_isolation`.
    Snapshots,
}

/// How a script's transactions are declared: a column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    At(Level),
    /// Serializable, and done again after a conflict.
    Again,
    /// Serializable, and those that only read say so.
    Readers,
}

impl Form {
    pub fn name(self) -> &'static str {
        match self {
            Self::At(level) => level.name(),
            Self::Again => "serializable, retried",
            Self::Readers => "serializable, readers declared",
        }
    }
}

impl Setting {
    pub const ALL: [Self; 4] = [Self::Sqlite, Self::Postgres, Self::MariaDb, Self::Snapshots];

    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::Snapshots => "MariaDB with innodb_snapshot_isolation",
        }
    }

    /// The columns of its table.
    pub fn forms(self) -> Vec<Form> {
        let levels = Level::ALL.into_iter().map(Form::At);
        let last = match self {
            Self::Sqlite => vec![Form::Again, Form::Readers],
            _ => vec![Form::Again],
        };
        levels.chain(last).collect()
    }

    /// What we expect of a script in a form.
    pub fn expected(self, script: &str, form: Form) -> Outcome {
        let table = match self {
            Self::Sqlite => SQLITE,
            Self::Postgres => POSTGRES,
            Self::MariaDb => MARIADB,
            Self::Snapshots => SNAPSHOTS,
        };
        Outcome::of(cell(table, script, column(form)))
    }

    /// Whether it is published that a level prevents it, if anything is: of SQLite and of snapshot isolation on MariaDB
    /// nothing is, and MariaDB as it comes is held to what is published of MySQL.
    pub fn is_published_as_prevented(self, script: &str, form: Form) -> Option<bool> {
        let table = match self {
            Self::Postgres => PUBLISHED_POSTGRES,
            Self::MariaDb => PUBLISHED_MYSQL,
            Self::Sqlite | Self::Snapshots => return None,
        };
        let Form::At(_) = form else { return None };
        match cell(table, script, column(form)) {
            'p' => Some(true),
            'A' => Some(false),
            _ => None,
        }
    }
}

fn column(form: Form) -> usize {
    match form {
        Form::At(Level::ReadUncommitted) => 0,
        Form::At(Level::ReadCommitted) => 1,
        Form::At(Level::RepeatableRead) => 2,
        Form::At(Level::Serializable) => 3,
        Form::Again => 4,
        Form::Readers => 5,
    }
}

type Cells = [&'static str; scripts::ALL.len()];

fn cell(table: Cells, script: &str, column: usize) -> char {
    let named = |anomaly: &scripts::Anomaly| anomaly.name == script;
    let row = scripts::ALL.iter().position(named).expect("a script");
    table[row].chars().nth(column).expect("a cell")
}

// In each of these a line is a script, in their order, and a letter a form, in the order of `column`.

/// <https://github.com/ept/hermitage/blob/master/README.md> and `postgres.md` there: `p` is prevented, `A` can occur,
/// `.` is nothing published. PostgreSQL's read uncommitted is its read committed, and is not in the table.
const PUBLISHED_POSTGRES: Cells = [
    ".ppp", ".ppp", ".ppp", ".ppp", ".ppp", // G0, G1a, G1b, G1c, OTV
    ".App", ".App", ".App", // PMP, PMP-write, P4
    ".App", ".App", ".App", ".App", // G-single and its variants
    ".AAp", ".AAp", "..Ap", // G2-item, G2, G2 two edges
];

/// The same of MySQL with InnoDB, and `mysql.md`. What the table calls R/O is prevented in the scripts that only read.
const PUBLISHED_MYSQL: Cells = [
    "pppp", "Appp", "Appp", "Appp", "Appp", // G0, G1a, G1b, G1c, OTV
    "AApp", "AAAp", "AAAp", // PMP, PMP-write, P4
    "AApp", "AApp", "AAAp", "AAAp", // G-single and its variants
    "AAAp", "AAAp", "AAAp", // G2-item, G2, G2 two edges
];

/// As published; beside that, how. Who finds that the row it waited for was written since its snapshot fails, who would
/// close a dangerous structure fails.
const POSTGRES: Cells = [
    "wwccr", "-----", "-----", "---cr", "wwccr", // G0, G1a, G1b, G1c, OTV
    "AA---", "AAccr", "AAccr", // PMP, PMP-write, P4
    "AA---", "AA---", "AAccr", "AAccr", // G-single and its variants
    "AAAcr", "AAAcr", "AAAcr", // G2-item, G2, G2 two edges
];

/// As published of MySQL, but that a predicate's write is not seen to go wrong where the read before it was dirty already.
/// How: at serializable every read takes a lock, so that one waits, or two close a circle, of whom one fails.
const MARIADB: Cells = [
    "wwwww", "A--ww", "A--ww", "A--cr", "Awwww", // G0, G1a, G1b, G1c, OTV
    "AA-ww", "wAAww", "AAAcr", // PMP, PMP-write, P4
    "AA-ww", "AA-ww", "AAAcr", "AAAcr", // G-single and its variants
    "AAAcr", "AAAcr", "AAAcr", // G2-item, G2, G2 two edges
];

/// Who asks for the lock of a row that was written since its snapshot fails, so that repeatable read becomes snapshot
/// isolation: four anomalies fewer. At serializable so does whoever has waited for one that was written meanwhile.
/// Below repeatable read nothing changes.
const SNAPSHOTS: Cells = [
    "wwwcr", "A--ww", "A--cr", "A--cr", "Awwcr", // G0, G1a, G1b, G1c, OTV
    "AA-ww", "wAccr", "AAccr", // PMP, PMP-write, P4
    "AA-ww", "AA-ww", "AAccr", "AAccr", // G-single and its variants
    "AAAcr", "AAAcr", "AAAcr", // G2-item, G2, G2 two edges
];

/// One level, whatever is asked for, and one writer: a second one waits to begin. A declared reader waits for nobody.
const SQLITE: Cells = [
    "wwwwww", "wwwww-", "wwwww-", "wwwwww", "wwwwww", // G0, G1a, G1b, G1c, OTV
    "wwwww-", "wwwwww", "wwwwww", // PMP, PMP-write, P4
    "wwwww-", "wwwww-", "wwwwww", "wwwwww", // G-single and its variants
    "wwwwww", "wwwwww", "wwwwww", // G2-item, G2, G2 two edges
];
