//! What goes wrong on purpose: the drivers' traps, cancellation at every point, time limits, starving, lost
//! connections and contention; one set of cases, instantiated per adapter.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::duplicate_mod,
    reason = "each adapter has the cases, over its own types"
)]

mod mysql;
mod postgres;
mod sqlite;
mod support;
