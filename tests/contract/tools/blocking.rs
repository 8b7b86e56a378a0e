//! The tools of blocking cases, by the names of the asynchronous ones; knows no driver. Where those take a future, these
//! take a closure.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use txkit::Clock;

use super::text_of;

/// The text that a call panics with, in a thread of its own.
pub fn panic_of<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> String {
    let Err(panic) = std::thread::spawn(call).join() else {
        panic!("it did not panic")
    };
    text_of(panic.as_ref())
}

/// Waits for another session to get somewhere, and not for ever.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let watchdog = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < watchdog, "never happened: {what}");
        sleep(Duration::from_millis(50));
    }
}

/// What a call returns, or the text that it panics with.
pub fn caught<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| text_of(panic.as_ref()))
}

/// Lets time pass.
pub fn sleep(time: Duration) {
    std::thread::sleep(time);
}

/// Lets others run.
pub fn yield_now() {
    std::thread::yield_now();
}

/// Runs something beside the test.
pub fn spawn<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::spawn(call)
}

/// What something beside the test came to.
pub fn finished<T>(thread: JoinHandle<T>) -> T {
    thread.join().expect("it does not panic")
}

/// Runs a call by another clock.
pub fn by_clock<T>(clock: Arc<dyn Clock>, call: impl FnOnce() -> T) -> T {
    txkit::test::with_clock_blocking(&clock, call)
}

/// Runs what is asynchronous in every suite: the tests' own databases and proxies, which have a thread for themselves.
pub fn wait<F: Future>(future: F) -> F::Output {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime")
    });
    RUNTIME.block_on(future)
}

/// Where threads wait for each other, and not for ever.
#[derive(Debug)]
pub struct Barrier {
    parties: usize,
    arrived: Mutex<usize>,
    all: Condvar,
}

impl Barrier {
    pub fn new(parties: usize) -> Self {
        Self {
            parties,
            arrived: Mutex::default(),
            all: Condvar::new(),
        }
    }

    pub fn wait(&self) {
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        *arrived += 1;
        self.all.notify_all();
        let round = arrived.div_ceil(self.parties);
        let missing = |arrived: &mut usize| *arrived < round * self.parties;
        let limit = Duration::from_secs(60);
        let waited = self.all.wait_timeout_while(arrived, limit, missing);
        let (arrived, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(arrived);
        assert!(!waited.timed_out(), "the others never came");
    }
}

/// Something that threads share.
#[derive(Debug, Default)]
pub struct Slot<T>(Mutex<T>);

impl<T> Slot<T> {
    pub fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock by which something happens as soon as someone pauses.
pub struct OnPause<F>(F);

impl<F> OnPause<F> {
    pub fn new<T>(then: F) -> Arc<Self>
    where
        F: Fn() -> T,
    {
        Arc::new(Self(then))
    }
}

impl<F, T> Clock for OnPause<F>
where
    F: Fn() -> T + Send + Sync + 'static,
    T: FnOnce(),
{
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }

    fn block(&self, _: Duration) {
        (self.0)()();
    }
}
