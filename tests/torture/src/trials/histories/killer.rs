//! Ends sessions that are in a transaction, as an administrator would; knows no adapter.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;

use crate::place::Place;
use crate::subject::Engine;

/// How many calls may begin after a point before it was struck at: workers are quick, and servers are not.
const SLACK: usize = 20;

/// How long workers may have to wait for a strike that was due.
const LONGEST: Duration = Duration::from_secs(5);

/// Ends one of those that are at work now. Says whether there was one.
async fn strike(place: &Place, rng: &mut Rng) -> bool {
    let at_work = match place.engine() {
        Engine::Sqlite => return false,
        Engine::Postgres => {
            "SELECT CAST(pid AS TEXT) FROM pg_stat_activity WHERE datname = current_database() \
             AND pid <> pg_backend_pid() AND backend_type = 'client backend' \
             AND (state LIKE 'idle in transaction%' OR xact_start IS NOT NULL)"
        }
        Engine::MySql => {
            // Those that run a statement just now, COMMIT as well: InnoDB's own list is as old as a tenth of a second.
            "SELECT CAST(id AS CHAR) FROM information_schema.processlist \
             WHERE db = DATABASE() AND id <> CONNECTION_ID() AND command <> 'Sleep'"
        }
    };
    let Ok(sessions) = place.read(at_work).await else {
        return false;
    };
    let Some(session) = rng.choice(&sessions) else {
        return false;
    };
    let kill = match place.engine() {
        Engine::Sqlite | Engine::Postgres => format!("SELECT pg_terminate_backend({session})"),
        Engine::MySql => format!("KILL {session}"),
    };
    // It may be gone by itself.
    place.run(&kill).await.is_ok()
}

/// Who strikes, and when.
#[derive(Debug, Default)]
pub struct Killer {
    /// The point that is next, or none is left.
    awaited: AtomicUsize,
    hits: AtomicU64,
}

impl Killer {
    /// How many strikes had somebody to hit.
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::SeqCst)
    }

    /// Whether calls have gone on too far without a strike that was due.
    pub fn is_behind(&self, call: usize) -> bool {
        call > self.awaited.load(Ordering::SeqCst).saturating_add(SLACK)
    }

    /// Strikes once for each of these points, when the workers' next call has come so far.
    pub async fn prowl(&self, place: &Place, rng: &mut Rng, points: &[usize], next: &AtomicUsize) {
        for point in points {
            self.awaited.store(*point, Ordering::SeqCst);
            while next.load(Ordering::SeqCst) < *point {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            // Some are between two transactions just now.
            for _ in 0..20 {
                let struck = tokio::time::timeout(LONGEST, strike(place, rng)).await;
                if struck.unwrap_or(false) {
                    self.hits.fetch_add(1, Ordering::SeqCst);
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        self.awaited.store(usize::MAX, Ordering::SeqCst);
    }
}
