//! Who may wait for a connection of a pool, so that nobody waits for ever; knows pools only as numbers.
//!
//! A transaction that asks for a second connection while it holds a first one is *blocked*, and what it holds with it.
//! If all connections of a pool were held by blocked transactions, none would ever come free: the last one to ask is
//! refused at once. As soon as a pool has seen a second request, outermost transactions leave one connection free, so
//! that requests at depth two are served in turn instead of refused.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Tells whether a pool still exists, without keeping it alive.
pub type Lives = Box<dyn FnMut() -> bool + Send>;

/// The accounts of one pool.
pub struct Gate {
    one_writer: bool,
    lives: Mutex<Lives>,
    age: AtomicU64,
    accounts: Mutex<Accounts>,
    freed: Notify,
    freed_blocking: Condvar,
}

#[derive(Debug)]
struct Accounts {
    max: u32,
    outermost: u32,
    /// Since when those of them wait whose connection the pool has not lent yet.
    coming: Vec<Instant>,
    blocked: u32,
    seen_second: bool,
    writer: bool,
    test: bool,
}

impl Accounts {
    fn has_room(&self) -> bool {
        !self.seen_second || self.max < 2 || self.outermost + 1 < self.max
    }

    fn let_in(&mut self, gate: &Arc<Gate>) -> Place {
        let now = Instant::now();
        self.outermost += 1;
        self.coming.push(now);
        Place {
            gate: gate.clone(),
            coming: Some(now),
        }
    }

    /// How many are on their way to a connection. One who does not get there is perhaps another pool's.
    fn rush(&self) -> u32 {
        let rush = self.coming.iter().filter(|since| since.elapsed() < RUSH);
        u32::try_from(rush.count()).unwrap_or(u32::MAX)
    }

    fn arrived(&mut self, since: Option<Instant>) {
        let at = since.and_then(|since| self.coming.iter().position(|it| *it == since));
        if let Some(at) = at {
            self.coming.swap_remove(at);
        }
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate")
            .field("accounts", &self.accounts)
            .finish_non_exhaustive()
    }
}

/// After which time who waits for the pool to lend a connection holds up nobody else.
const RUSH: Duration = Duration::from_secs(1);

/// All connections are held by transactions that wait for one.
#[derive(Debug)]
pub struct Starved {
    /// How many there are.
    pub max: u32,
}

static GATES: OnceLock<Mutex<HashMap<usize, Arc<Gate>>>> = OnceLock::new();

/// The gate of the pool with this identity. An identity may be used again once its pool is gone; `about` tells whether
/// that is so, and whether the pool's database has room for one writer only. So does the pool's age, which never falls.
pub fn gate(
    identity: usize,
    max: u32,
    age: impl FnOnce() -> u64,
    about: impl FnOnce() -> (bool, Lives),
) -> Arc<Gate> {
    let mut gates = locked(GATES.get_or_init(Mutex::default));
    // Asked here, so that nobody asks between asking and telling.
    let age = age();
    let known = gates.get(&identity);
    if let Some(gate) = known.filter(|gate| gate.lives() && gate.has_aged(age)) {
        return gate.clone();
    }
    gates.retain(|_, gate| gate.lives());
    let (one_writer, lives) = about();
    let gate = Arc::new(Gate::new(max, one_writer, lives));
    gates.insert(identity, gate.clone());
    gate
}

/// Panics of other threads leave counters behind, not broken invariants.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gate {
    fn new(max: u32, one_writer: bool, lives: Lives) -> Self {
        let accounts = Accounts {
            max,
            outermost: 0,
            coming: Vec::new(),
            blocked: 0,
            seen_second: false,
            writer: false,
            test: false,
        };
        Self {
            one_writer,
            lives: Mutex::new(lives),
            age: AtomicU64::new(0),
            accounts: Mutex::new(accounts),
            freed: Notify::new(),
            freed_blocking: Condvar::new(),
        }
    }

    fn lives(&self) -> bool {
        locked(&self.lives)()
    }

    /// Whether the pool is at least as old as it was.
    fn has_aged(&self, age: u64) -> bool {
        self.age.fetch_max(age, Ordering::Relaxed) <= age
    }

    fn lock(&self) -> MutexGuard<'_, Accounts> {
        locked(&self.accounts)
    }

    /// The place of an outermost transaction, if there is one free.
    pub fn try_outermost(self: &Arc<Self>) -> Option<Place> {
        let mut accounts = self.lock();
        accounts.has_room().then(|| accounts.let_in(self))
    }

    /// Waits until an outermost transaction may ask the pool for its connection.
    pub async fn outermost(self: &Arc<Self>) -> Place {
        loop {
            let freed = self.freed.notified();
            if let Some(place) = self.try_outermost() {
                // Two places freed at once leave one wake-up: pass it on.
                if self.lock().has_room() {
                    self.freed.notify_one();
                }
                return place;
            }
            freed.await;
        }
    }

    /// The same, blocking, for at most `patience`. Accounts that may be those of several pools do not keep anybody from one
    /// that has more to `spare` than the one that is left free and those on their way to others.
    pub fn outermost_blocking(
        self: &Arc<Self>,
        patience: Duration,
        spare: impl Fn() -> Option<u32>,
    ) -> Option<Place> {
        let until = Instant::now().checked_add(patience);
        loop {
            let mut accounts = self.lock();
            // Asked under the lock: all who come at once would see the same ones.
            let is_spared = |rush: u32| spare().is_some_and(|spare| spare > rush.saturating_add(1));
            if accounts.has_room() || is_spared(accounts.rush()) {
                return Some(accounts.let_in(self));
            }
            let left = match until {
                Some(until) => until.checked_duration_since(Instant::now())?,
                None => Duration::MAX,
            };
            drop(
                self.freed_blocking
                    .wait_timeout(accounts, left.min(RUSH))
                    .unwrap_or_else(PoisonError::into_inner),
            );
        }
    }

    /// Registers a transaction that holds `own` connections and waits for another one, unless the pool has one to `spare`, which
    /// it only has where the others' accounts are those of another pool.
    pub fn another(
        self: &Arc<Self>,
        own: u32,
        spare: impl FnOnce() -> Option<u32>,
    ) -> Result<Waiting, Starved> {
        let mut accounts = self.lock();
        accounts.seen_second = true;
        let has_spare = spare().is_some_and(|spare| spare > 0);
        if !has_spare && accounts.blocked + own >= accounts.max {
            return Err(Starved { max: accounts.max });
        }
        accounts.blocked += own;
        Ok(Waiting {
            gate: self.clone(),
            own,
        })
    }

    /// Makes this the pool of a test: its one connection is in a transaction that will be rolled back.
    pub fn set_test(&self) {
        self.lock().test = true;
    }

    /// Whether this is the pool of a test.
    pub fn is_test(&self) -> bool {
        self.lock().test
    }

    /// Whether the database has room for one writer in this process.
    pub fn has_one_writer(&self) -> bool {
        self.one_writer
    }

    /// The right to write, where the database has room for one writer in this process.
    pub fn writer(self: &Arc<Self>) -> Option<Writer> {
        let mut accounts = self.lock();
        let free = !std::mem::replace(&mut accounts.writer, true);
        free.then(|| Writer(self.clone()))
    }
}

/// The place of an outermost transaction; dropping it lets the next one in.
#[derive(Debug)]
pub struct Place {
    gate: Arc<Gate>,
    coming: Option<Instant>,
}

impl Place {
    /// The pool has lent the connection.
    pub fn arrived(&mut self) {
        // Nobody is let in by this: what the pool has to spare has become as much less.
        self.gate.lock().arrived(self.coming.take());
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut accounts = self.gate.lock();
        accounts.outermost -= 1;
        accounts.arrived(self.coming.take());
        let has_room = accounts.has_room();
        drop(accounts);
        self.gate.freed.notify_one();
        match has_room {
            true => self.gate.freed_blocking.notify_one(),
            // Who waits may do so for different pools, one of which has one to spare now.
            false => self.gate.freed_blocking.notify_all(),
        }
    }
}

/// A transaction that waits for another connection; dropping it ends the wait.
#[derive(Debug)]
pub struct Waiting {
    gate: Arc<Gate>,
    own: u32,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.gate.lock().blocked -= self.own;
    }
}

/// The right to write; dropping it gives it back.
#[derive(Debug)]
pub struct Writer(Arc<Gate>);

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.lock().writer = false;
    }
}

#[cfg(test)]
mod tests;
