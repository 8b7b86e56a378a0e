//! The error of the annotated functions under test, and what it says of the outcome.

/// What an application's error enum looks like.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The transaction's own.
    #[error(transparent)]
    Tx(#[from] txkit::Error),
    /// The driver's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
    /// The body's.
    #[error("the body refused: {0}")]
    Body(&'static str),
}

impl Failure {
    /// The transaction's error, also where the driver's error type carried it.
    pub fn tx(&self) -> Option<&txkit::Error> {
        match self {
            Self::Tx(error) => Some(error),
            Self::Db(sqlx::Error::AnyDriverError(error)) => error.downcast_ref(),
            _ => None,
        }
    }

    /// Whether it leaves open what became of the transaction.
    pub fn is_unknown(&self) -> bool {
        matches!(self.tx(), Some(txkit::Error::OutcomeUnknown { .. }))
    }

    /// The database's own code for it, where it came from there, through whatever wraps it.
    pub fn code(&self) -> Option<String> {
        let mut next: Option<&(dyn std::error::Error + 'static)> = Some(match self {
            Self::Tx(error) => error,
            Self::Db(error) => error,
            Self::Body(_) => return None,
        });
        while let Some(error) = next {
            let database = error
                .downcast_ref::<sqlx::Error>()
                .and_then(sqlx::Error::as_database_error);
            if let Some(code) = database.and_then(|error| error.code()) {
                return Some(code.into_owned());
            }
            next = error.source();
        }
        None
    }
}

/// Both parties of a `RollbackOnly`, `Starved` or `SelfDeadlock`, inner first, without their modules.
pub fn parties(error: &txkit::Error) -> Option<(&str, &str)> {
    let last = |name: &'static str| name.rsplit("::").next().unwrap_or(name);
    match error {
        txkit::Error::Starved {
            function, outer, ..
        }
        | txkit::Error::SelfDeadlock {
            function, outer, ..
        } => Some((last(function), last(outer))),
        txkit::Error::RollbackOnly { function, by, .. } => Some((last(by), last(function))),
        _ => None,
    }
}
