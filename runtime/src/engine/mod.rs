//! The transaction protocol as a sans-IO state machine: no driver, no async, no clock, no sleep.
//!
//! [`Attempt`] is what is known of one open transaction; [`Protocol`] is what one call of an annotated function does
//! next. Both are pure functions of what happened so far, so that the whole protocol is tested without a database.

mod attempt;
#[cfg(test)]
mod enumeration;
mod protocol;
mod steps;

pub use attempt::{Attempt, Standing};
pub use protocol::Protocol;
pub use steps::{Body, Cleanup, Commit, Ending, Event, Kind, Step};
