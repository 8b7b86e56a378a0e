//! One folder per driver: each holds the services as that driver has them written, and knows no other.

pub(crate) mod diesel;
pub(crate) mod diesel_async;
mod diesel_schema;
pub(crate) mod sqlx;

use clap::ValueEnum;

/// What the services are written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Driver {
    /// SQLx
    Sqlx,
    /// Diesel, which blocks: every call has a thread
    Diesel,
    /// Diesel's queries, asynchronously
    DieselAsync,
}

impl Driver {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlx => "sqlx",
            Self::Diesel => "diesel",
            Self::DieselAsync => "diesel-async",
        }
    }
}
