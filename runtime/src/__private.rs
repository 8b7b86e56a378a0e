//! All that macro output may name; not part of the public API, and no place for logic.

use std::error::Error as StdError;

pub use crate::call::{Call, Caught, Entered, Flow, Guard, Verdict};
pub use crate::connection::{AsyncConnection, Connection, Deferrable, StatementTimeout};
pub use crate::definition::{Definition, Isolation, Propagation, Retry};
pub use crate::outcome::{Evidence, evidence};
pub use crate::source::{Anywhere, Begin, ByRef, Handle, Outermost, Outside, SourceOf};

use crate::conflict::Conflict;
use crate::error::causes;

/// Evidence that the handle's engine knows `deferrable`.
pub const fn deferrable<C: Deferrable>() {}

/// Evidence that a statement can be interrupted through the handle's driver.
pub const fn statement_timeout<C: StatementTimeout>() {}

/// An argument that every attempt gets a copy of.
#[diagnostic::on_unimplemented(
    message = "a retried function cannot take `{Self}` by value: each attempt needs its own",
    label = "not `Clone`",
    note = "derive `Clone` for it, pass it by shared reference, or drop `retry`"
)]
pub trait Replay {
    /// A copy for one attempt.
    #[must_use]
    fn replay(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Replay for T {
    fn replay(&self) -> Self {
        self.clone()
    }
}

/// A copy for one attempt.
pub fn replay<T: Replay>(value: &T) -> T {
    value.replay()
}

/// An error in whose chain a conflict can be found.
#[diagnostic::on_unimplemented(
    message = "a retry on a driver's own connection finds the conflict in the returned error, and `{Self}` is no `std::error::Error`",
    label = "not a `std::error::Error`",
    note = "return an error that implements it (`anyhow::Error` does not), declare a handle such as `tx: PgTx<'_>`, which sees the conflict itself, or drop the retry"
)]
pub trait Chained: Sized {
    /// The error itself.
    fn first(&self) -> &(dyn StdError + 'static);
}

#[diagnostic::do_not_recommend]
impl<E: StdError + 'static> Chained for E {
    fn first(&self) -> &(dyn StdError + 'static) {
        self
    }
}

/// The conflict that an error, returned by a function whose statements nobody saw, stems from.
///
/// The bound is what `retry` asks of such a function's error.
pub fn conflict_of<H, T, E>(result: &Result<T, E>) -> Option<Conflict>
where
    H: ByRef + ?Sized,
    E: Chained,
{
    if !H::LENT {
        return None;
    }
    let first = result.as_ref().err()?.first();
    causes(first).find_map(|error| <H::Conn as Connection>::classify_dyn(error)?.conflict)
}

/// An error to be put into words, by what its type offers: `Display`, else `Debug`, else its name.
#[derive(Debug)]
pub struct Described<'e, E>(pub &'e E);

/// By `Display`.
pub trait ViaDisplay {
    /// The words.
    fn text(&self) -> String;
}

/// By `Debug`.
pub trait ViaDebug {
    /// The words.
    fn text(&self) -> String;
}

/// By the type's name.
pub trait ViaName {
    /// The words.
    fn text(&self) -> String;
}

impl<E: std::fmt::Display> ViaDisplay for &&Described<'_, E> {
    fn text(&self) -> String {
        self.0.to_string()
    }
}

impl<E: std::fmt::Debug> ViaDebug for &Described<'_, E> {
    fn text(&self) -> String {
        format!("{:?}", self.0)
    }
}

impl<E> ViaName for Described<'_, E> {
    fn text(&self) -> String {
        std::any::type_name::<E>().to_owned()
    }
}
