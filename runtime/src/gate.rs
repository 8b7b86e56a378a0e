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
    blocked: u32,
    seen_second: bool,
    writer: bool,
    test: bool,
}

impl Accounts {
    fn has_room(&self) -> bool {
        !self.seen_second || self.max < 2 || self.outermost + 1 < self.max
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate")
            .field("accounts", &self.accounts)
            .finish_non_exhaustive()
    }
}

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
        accounts.has_room().then(|| {
            accounts.outermost += 1;
            Place(self.clone())
        })
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
    /// that is seen to have room.
    pub fn outermost_blocking(
        self: &Arc<Self>,
        patience: Duration,
        is_seen_to_have_room: impl Fn() -> bool,
    ) -> Option<Place> {
        let until = Instant::now().checked_add(patience);
        loop {
            if let Some(place) = self.try_outermost() {
                return Some(place);
            }
            if is_seen_to_have_room() {
                self.lock().outermost += 1;
                return Some(Place(self.clone()));
            }
            let left = match until {
                Some(until) => until.checked_duration_since(Instant::now())?,
                None => Duration::MAX,
            };
            let accounts = self.lock();
            if !accounts.has_room() {
                drop(
                    self.freed_blocking
                        .wait_timeout(accounts, left)
                        .unwrap_or_else(PoisonError::into_inner),
                );
            }
        }
    }

    /// Registers a transaction that holds `own` connections and waits for another one, unless the pool is seen to have one to
    /// spare: it need not wait then.
    pub fn another(self: &Arc<Self>, own: u32, has_spare: bool) -> Result<Waiting, Starved> {
        let mut accounts = self.lock();
        accounts.seen_second = true;
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
pub struct Place(Arc<Gate>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.lock().outermost -= 1;
        self.0.freed.notify_one();
        self.0.freed_blocking.notify_one();
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
mod tests {
    use super::*;

    fn of(max: u32) -> Arc<Gate> {
        Arc::new(Gate::new(max, false, Box::new(|| true)))
    }

    #[test]
    fn a_pool_at_a_former_pools_address_begins_anew() {
        // Not an address: no pool is there.
        let identity = 1;
        let alive = Arc::new(());
        let former = Arc::downgrade(&alive);
        let first = gate(
            identity,
            2,
            || 0,
            || (true, Box::new(move || former.strong_count() > 0)),
        );
        first.set_test();
        assert!(gate(identity, 2, || 0, || unreachable!("the pool is there")).is_test());
        drop(alive);
        let second = gate(identity, 5, || 0, || (false, Box::new(|| true)));
        assert!(!second.is_test() && !second.has_one_writer());
    }

    #[test]
    fn c74_the_last_one_to_ask_is_refused() {
        let gate = of(3);
        let _a = gate.another(1, false).expect("two are left");
        let _b = gate.another(1, false).expect("one is left");
        assert_eq!(gate.another(1, false).expect_err("all would wait").max, 3);
    }

    #[test]
    fn c74_a_pool_of_one_has_no_second_connection() {
        assert!(of(1).another(1, false).is_err());
    }

    #[test]
    fn outermost_transactions_leave_one_free_once_a_second_was_seen() {
        let gate = of(3);
        let places: Vec<_> = (0..3)
            .map(|_| gate.try_outermost().expect("nobody needs two"))
            .collect();
        drop(gate.another(1, false).expect("nobody waits"));
        drop(places);
        let _two: Vec<_> = (0..2)
            .map(|_| gate.try_outermost().expect("room"))
            .collect();
        assert!(gate.try_outermost().is_none());
    }

    #[test]
    fn a_place_given_back_wakes_a_blocking_waiter() {
        let gate = of(2);
        drop(gate.another(1, false).expect("room"));
        let place = gate.try_outermost().expect("room");
        assert!(
            gate.outermost_blocking(Duration::from_millis(1), || false)
                .is_none()
        );
        let waiter = std::thread::spawn({
            let gate = gate.clone();
            move || {
                gate.outermost_blocking(Duration::from_secs(60), || false)
                    .is_some()
            }
        });
        drop(place);
        assert!(waiter.join().expect("no panic"));
    }

    #[test]
    fn one_writer_at_a_time() {
        let gate = of(2);
        let writer = gate.writer().expect("free");
        assert!(gate.writer().is_none());
        drop(writer);
        assert!(gate.writer().is_some());
    }

    #[test]
    fn accounts_that_may_be_of_several_pools_keep_nobody_from_one_with_room() {
        let gate = Arc::new(Gate::new(2, false, Box::new(|| true)));
        let first = gate.another(2, true).expect("the pool has one to spare");
        assert!(gate.another(1, false).is_err());
        assert!(gate.another(1, true).is_ok());
        drop(first);
        let _only = gate.try_outermost().expect("nobody is there");
        let moment = Duration::from_millis(1);
        assert!(gate.outermost_blocking(moment, || false).is_none());
        assert!(gate.outermost_blocking(moment, || true).is_some());
    }

    #[test]
    fn a_pool_that_is_younger_than_it_was_is_another_one() {
        let about = || -> (bool, Lives) { (false, Box::new(|| true)) };
        let identity = usize::MAX - 7;
        let first = gate(identity, 2, || 3, about);
        let later = gate(identity, 2, || 5, about);
        assert!(Arc::ptr_eq(&first, &later));
        let another = gate(identity, 2, || 4, about);
        assert!(!Arc::ptr_eq(&first, &another));
    }
}
