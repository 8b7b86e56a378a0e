//! What a case may turn about a pool or a connection; knows no driver.

use std::time::Duration;

use super::Log;

/// How a connection is made, and how a pool lends it.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// How long the pool lets a caller wait.
    pub patience: Duration,
    /// What each new connection is told first.
    pub says: String,
    /// The port of a proxy to go through.
    pub proxy: Option<u16>,
    /// Whether SQLite's connections share a cache.
    pub shared: bool,
    /// Where the statements that Diesel tells of are noted.
    pub log: Option<Log>,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            // A test that hangs says so.
            patience: Duration::from_secs(5),
            says: String::new(),
            proxy: None,
            shared: false,
            log: None,
        }
    }
}

impl Knobs {
    /// Each connection says this first.
    pub fn saying(says: &str) -> Self {
        Self {
            says: says.to_owned(),
            ..Self::default()
        }
    }
}
