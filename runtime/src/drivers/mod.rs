//! The drivers, one folder each; they know nothing of each other.
// What drivers share is idle where one of them is not compiled.
#![cfg_attr(
    not(all(
        feature = "bb8",
        feature = "deadpool",
        feature = "diesel-async-mysql",
        feature = "diesel-async-postgres",
        feature = "diesel-async-sqlite",
        feature = "diesel-mysql",
        feature = "diesel-postgres",
        feature = "diesel-sqlite",
        feature = "sqlx-mysql",
        feature = "sqlx-postgres",
        feature = "sqlx-sqlite"
    )),
    allow(dead_code, unused_imports, unused_macros, unused_variables)
)]

#[cfg(feature = "_diesel-blocking")]
pub mod diesel;
#[cfg(feature = "_diesel-async")]
pub mod diesel_async;
#[cfg(feature = "_diesel")]
mod diesel_core;
mod engines;
#[cfg(feature = "_sqlx")]
pub mod sqlx;

use std::error::Error as StdError;

use crate::conflict::Conflict;
use crate::error::{Error, causes};

/// The conflict behind an error, wherever it stands in the chain of causes: running the whole call again may succeed.
///
/// For callers that retry on their own, or tell their users to. A function with `retry` has used up its attempts by then.
///
/// ```
/// let error = std::io::Error::other("disk full");
/// assert_eq!(txkit::find_conflict(&error), None);
/// ```
pub fn find_conflict(error: &(dyn StdError + 'static)) -> Option<Conflict> {
    causes(error).find_map(|error| {
        error
            .downcast_ref::<Error>()
            .and_then(Error::conflict)
            .or_else(|| of_drivers(error))
    })
}

fn of_drivers(error: &(dyn StdError + 'static)) -> Option<Conflict> {
    #[cfg(feature = "_sqlx")]
    if let Some(conflict) = sqlx::conflict(error) {
        return Some(conflict);
    }
    #[cfg(feature = "_diesel")]
    if let Some(conflict) = diesel_core::conflict(error) {
        return Some(conflict);
    }
    let _no_driver_knows_it = error;
    None
}
