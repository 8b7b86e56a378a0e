//! What is tortured: one of the nine adapters, reached through its annotated functions; knows no trial.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use txkit::Outcome;

use crate::script::{Script, Seen, Shape};

/// A future of its own.
pub type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    Sqlite,
    Postgres,
    MySql,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }

    /// An expression as text, which is what scripts read.
    pub fn text(self, expression: &str) -> String {
        match self {
            Self::Sqlite | Self::Postgres => format!("CAST({expression} AS TEXT)"),
            Self::MySql => format!("CAST({expression} AS CHAR)"),
        }
    }
}

/// The library that talks to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Driver {
    Sqlx,
    DieselAsync,
    Diesel,
}

impl Driver {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlx => "sqlx",
            Self::DieselAsync => "diesel-async",
            Self::Diesel => "diesel",
        }
    }

    /// Whether a call is a future, which may be dropped.
    pub fn is_async(self) -> bool {
        self != Self::Diesel
    }
}

/// An adapter.
pub trait Subject: Send + Sync {
    fn driver(&self) -> Driver;
    fn engine(&self) -> Engine;
    /// A pool of at most `size` connections to a database, see [`crate::place::Place::url`]. It connects when it must.
    fn open(&self, url: &str, size: u32) -> Arc<dyn Client>;

    /// Both names, as on the command line.
    fn name(&self) -> String {
        format!("{}-{}", self.driver().name(), self.engine().name())
    }
}

/// A pool, and the annotated functions that take it.
pub trait Client: Send + Sync {
    /// Calls a function. Where the driver is asynchronous, this is that function's own future and may be dropped.
    fn call(&self, shape: Shape, script: Script) -> Boxed<Told>;
    /// Reads one column of text on every connection that the pool may have, all of them lent at once.
    fn each(&self, sql: &str) -> Boxed<Result<Vec<Vec<String>>, String>>;
    /// Runs a statement on one of the pool's connections behind txkit's back, as only saboteurs do.
    fn meddle(&self, sql: &str) -> Boxed<Result<(), String>>;
}

/// What a caller was told of its transaction.
#[derive(Debug)]
pub enum Told {
    /// `Ok`.
    Committed(Seen),
    /// An error that says that nothing is stored.
    NotCommitted(Failure),
    /// An error that leaves it open.
    Unknown(Failure),
    /// An error that says that a part may be stored.
    Partly(Failure),
}

impl Told {
    /// A caller's result in a caller's words.
    pub fn new<E: StdError + Send + Sync + 'static>(result: Result<Seen, E>) -> Self {
        let failure = match result {
            Ok(seen) => return Self::Committed(seen),
            Err(error) => Failure(Arc::new(error)),
        };
        match failure.tx().map(txkit::Error::outcome) {
            Some(Outcome::Unknown) => Self::Unknown(failure),
            Some(Outcome::PartlyCommitted) => Self::Partly(failure),
            _ => Self::NotCommitted(failure),
        }
    }

    pub fn is_committed(&self) -> bool {
        matches!(self, Self::Committed(_))
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Committed(_) => None,
            Self::NotCommitted(failure) | Self::Unknown(failure) | Self::Partly(failure) => {
                Some(failure)
            }
        }
    }
}

/// A caller's error.
#[derive(Clone)]
pub struct Failure(Arc<dyn StdError + Send + Sync>);

impl Failure {
    /// The transaction's error, wherever in the chain it is.
    pub fn tx(&self) -> Option<&txkit::Error> {
        txkit::Error::find(&*self.0)
    }

    /// The conflict in it, told by the transaction or by the driver.
    pub fn conflict(&self) -> Option<txkit::Conflict> {
        txkit::find_conflict(&*self.0)
    }

    /// Whether it speaks of one.
    pub fn is_conflict(&self) -> bool {
        self.conflict().is_some()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut next: Option<&(dyn StdError + 'static)> = Some(&*self.0);
        let mut last = String::new();
        while let Some(error) = next {
            let text = error.to_string();
            // A transparent error says the same as its source.
            if text != last {
                let colon = if last.is_empty() { "" } else { ": " };
                write!(f, "{colon}{text}")?;
            }
            (last, next) = (text, error.source());
        }
        Ok(())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}
