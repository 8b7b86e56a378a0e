//! One seed for a whole run, and from it a generator for each named place, so that any trial replays alone; knows no trial.

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// What all chance of a run comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// One that no run had before, most likely.
    pub fn fresh() -> Self {
        // Short enough to be typed.
        Self(fastrand::u64(..1_000_000_000))
    }

    /// The chance of one place, the same whatever else runs.
    pub fn of(self, place: impl fmt::Display) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.number(place))
    }

    /// The same as a number.
    pub fn number(self, place: impl fmt::Display) -> u64 {
        // With fixed keys, unlike a `HashMap`'s.
        let mut hasher = DefaultHasher::new();
        (self.0, place.to_string()).hash(&mut hasher);
        hasher.finish()
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
