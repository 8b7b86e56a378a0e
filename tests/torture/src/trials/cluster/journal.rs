//! What every caller was told, and the callers themselves, who call until they are stopped; knows no node's fate.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;

use super::calls::Call;
use crate::script::Shape;
use crate::subject::{Client, Told};
use crate::trials::bounded;

/// A call that came back, or did not.
pub struct Entry {
    pub token: i64,
    pub shape: Shape,
    pub node: usize,
    pub moves: Vec<(i64, i64)>,
    /// Nothing if it hangs.
    pub told: Option<Told>,
    /// See [`crate::script::Tally::counts`].
    pub counts: [u32; 4],
}

/// An adapter's calls of all nodes.
pub struct Journal {
    entries: Mutex<Vec<Entry>>,
    next: AtomicI64,
}

impl Journal {
    pub fn from(token: i64) -> Self {
        Self {
            entries: Mutex::default(),
            next: AtomicI64::new(token),
        }
    }

    fn add(&self, entry: Entry) {
        self.entries.lock().expect("nobody panics").push(entry);
    }

    /// All there is; nothing is left.
    pub fn take(&self) -> Vec<Entry> {
        std::mem::take(&mut self.entries.lock().expect("nobody panics"))
    }
}

/// Calls from one pool, one call after another.
pub struct Caller {
    pub rng: Rng,
    pub node: usize,
    pub client: Arc<dyn Client>,
    pub rows: Vec<i64>,
    /// Whether the rows are changed.
    pub moves: bool,
    pub journal: Arc<Journal>,
    pub stop: Arc<AtomicBool>,
}

impl Caller {
    pub async fn work(mut self) {
        while !self.stop.load(Ordering::SeqCst) {
            let token = self.journal.next.fetch_add(1, Ordering::SeqCst);
            let call = Call::draw(&mut self.rng, &self.rows, self.moves, token);
            let told = bounded(self.client.call(call.shape, call.script)).await;
            let hangs = told.is_none();
            let fails = matches!(&told, Some(told) if !told.is_committed());
            self.journal.add(Entry {
                token,
                shape: call.shape,
                node: self.node,
                moves: call.moves,
                told,
                counts: call.tally.counts(),
            });
            if hangs {
                break;
            }
            if fails {
                // As a client that lost its server would.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}
