//! Diesel's errors and txkit's, into each other; knows no engine.

use std::error::Error as StdError;
use std::fmt;

use diesel::result::{DatabaseErrorKind, Error};

use crate::conflict::Conflict;

/// One of txkit's errors inside one of Diesel's: Diesel shows the source of what it holds, not what it holds.
#[derive(Debug)]
struct Held(crate::error::Error);

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Held {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}

/// The transaction's error, under a variant that nobody takes for one of the database's; it is its `source()`.
impl From<crate::error::Error> for Error {
    fn from(error: crate::error::Error) -> Self {
        Self::QueryBuilderError(Box::new(Held(error)))
    }
}

/// The conflict that an error is, by whichever engine it came from: its kind tells, or its words do.
///
/// An error type that is transparent to one of Diesel's shows nothing of it but its words: Diesel's has no source.
pub(crate) fn conflict(error: &(dyn StdError + 'static)) -> Option<Conflict> {
    match error.downcast_ref::<Error>() {
        Some(Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => {
            Some(Conflict::Serialization)
        }
        Some(Error::DatabaseError(_, information)) => conflict_in(information.message()),
        Some(_) => None,
        None => conflict_in(&error.to_string()),
    }
}

fn conflict_in(message: &str) -> Option<Conflict> {
    let judges: &[fn(&str) -> Option<Conflict>] = &[
        #[cfg(feature = "_diesel-postgres")]
        super::super::engines::postgres::words::conflict,
        #[cfg(feature = "_diesel-mysql")]
        super::super::engines::mysql::conflict_in,
        #[cfg(feature = "_diesel-sqlite")]
        super::super::engines::sqlite::conflict_in,
    ];
    judges.iter().find_map(|judge| judge(message))
}
