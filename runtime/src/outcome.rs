//! How a transaction ended, and what a function may return to tell; knows no driver.

use std::fmt;

use crate::error::Error;

/// How a transaction ended, as far as anyone can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The database acknowledged the commit.
    Committed,
    /// Nothing of it was stored.
    RolledBack,
    /// The answer to COMMIT was lost: it may or may not have been stored.
    Unknown,
    /// Something ended the transaction midway (DDL, a raw COMMIT): what came before that may be stored.
    PartlyCommitted,
}

impl Outcome {
    /// A short, stable name, fit for a label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::RolledBack => "rolled_back",
            Self::Unknown => "unknown",
            Self::PartlyCommitted => "partly_committed",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an annotated function may return: a `Result` that can carry a commit that failed.
///
/// `()`, `Option` and a `Result` whose error cannot be made from [`Error`] do not implement it: they could not say that
/// a commit failed.
#[diagnostic::on_unimplemented(
    message = "a transactional function cannot return `{Self}`",
    label = "this type cannot report a commit that failed",
    note = "return a `Result<_, E>` where `E: From<txkit::Error>`, for example `#[error(transparent)] Transaction(#[from] txkit::Error)` in your error enum"
)]
pub trait TransactionResult {
    /// What is returned when the transaction itself fails.
    fn fail(error: Error) -> Self;
    /// Whether the body succeeded.
    fn is_ok(&self) -> bool;
}

/// Proof that a return type is a [`TransactionResult`].
///
/// It is asked for once, where the type was written; what takes it needs no bound of its own, so that one mistake in the
/// type is one error.
pub struct Evidence<R> {
    fail: fn(Error) -> R,
    is_ok: fn(&R) -> bool,
}

impl<R> Clone for Evidence<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Evidence<R> {}

impl<R> fmt::Debug for Evidence<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Evidence")
    }
}

impl<R> Evidence<R> {
    /// What is returned when the transaction itself fails.
    pub fn fail(self, error: Error) -> R {
        (self.fail)(error)
    }

    pub(crate) fn is_ok(self, value: &R) -> bool {
        (self.is_ok)(value)
    }
}

/// The proof for `R`.
pub fn evidence<R: TransactionResult>() -> Evidence<R> {
    Evidence {
        fail: R::fail,
        is_ok: R::is_ok,
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: From<Error>> TransactionResult for Result<T, E> {
    fn fail(error: Error) -> Self {
        Err(E::from(error))
    }

    fn is_ok(&self) -> bool {
        self.is_ok()
    }
}
