//! What txkit tells its observers of a storm: an account beside the callers'; knows no storm.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use txkit::observe::{Event, Kind, Observer};
use txkit::retry::Reason;

/// Counts replays, and remembers who gave up.
#[derive(Debug, Default)]
pub struct Witness {
    replayed: AtomicU64,
    gave_up: Mutex<Vec<(u32, Reason)>>,
}

impl Witness {
    pub fn replayed(&self) -> u64 {
        self.replayed.load(Ordering::SeqCst)
    }

    /// The attempts that those made who gave up, and why they did.
    pub fn gave_up(&self) -> Vec<(u32, Reason)> {
        self.gave_up.lock().expect("nobody panics").clone()
    }
}

impl Observer for Witness {
    fn event(&self, event: &Event<'_>) {
        match event.kind {
            Kind::Replayed { .. } => {
                self.replayed.fetch_add(1, Ordering::SeqCst);
            }
            Kind::GaveUp { reason, .. } => {
                let mut gave_up = self.gave_up.lock().expect("nobody panics");
                gave_up.push((event.attempt, reason));
            }
            _ => {}
        }
    }
}
