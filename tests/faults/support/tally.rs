//! Counts which hooks ran.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A counter that hooks and bodies can take along.
#[derive(Clone, Debug, Default)]
pub struct Count(Arc<AtomicU32>);

impl Count {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// How many.
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

/// How often the body, and the hooks of each outcome, ran.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The body.
    pub body: Count,
    /// `after_commit`.
    pub committed: Count,
    /// `after_rollback`.
    pub rolled_back: Count,
    /// `after_unknown`.
    pub unknown: Count,
}
