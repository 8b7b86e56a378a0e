//! The drivers, one folder each; they know nothing of each other.

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
    let _no_driver_knows_it = error;
    None
}
