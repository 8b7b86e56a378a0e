//! The tools of asynchronous cases; knows no driver.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio::task::JoinHandle;
use txkit::Clock;

use super::text_of;

/// The text that a future panics with.
pub async fn panic_of<F>(future: F) -> String
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let Err(join) = tokio::spawn(future).await else {
        panic!("it did not panic")
    };
    text_of(join.into_panic().as_ref())
}

/// Waits for another session to get somewhere, and not for ever.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let watchdog = Instant::now() + Duration::from_secs(60);
    while !is_so().await {
        assert!(Instant::now() < watchdog, "never happened: {what}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// What a future returns, or the text that it panics with.
pub async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = Box::pin(future);
    poll_fn(|cx| {
        let poll = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        match poll {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(text_of(panic.as_ref()))),
        }
    })
    .await
}

/// Polls a future that will never end until it says that it has reached its point.
pub async fn until<F: Future>(reached: &Notify, future: Pin<&mut F>) {
    tokio::select! {
        _ = future => panic!("it ended"),
        () = reached.notified() => {}
    }
}

/// Lets time pass.
pub async fn sleep(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Lets others run.
pub async fn yield_now() {
    tokio::task::yield_now().await;
}

/// Runs something beside the test.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(future)
}

/// What something beside the test came to.
pub async fn finished<T>(task: JoinHandle<T>) -> T {
    task.await.expect("it does not panic")
}

/// Runs a future by another clock.
pub async fn by_clock<F: Future>(clock: Arc<dyn Clock>, future: F) -> F::Output {
    txkit::test::with_clock(clock, future).await
}

/// Runs what is asynchronous in every suite: the tests' own databases and proxies.
pub async fn wait<F: Future>(future: F) -> F::Output {
    future.await
}

/// Where tasks wait for each other, and not for ever.
#[derive(Debug)]
pub struct Barrier(tokio::sync::Barrier);

impl Barrier {
    pub fn new(parties: usize) -> Self {
        Self(tokio::sync::Barrier::new(parties))
    }

    pub async fn wait(&self) {
        let all = tokio::time::timeout(Duration::from_secs(60), self.0.wait()).await;
        all.expect("the others come");
    }
}

/// Something that tasks share.
#[derive(Debug, Default)]
pub struct Slot<T>(Mutex<T>);

impl<T> Slot<T> {
    pub fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub async fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().await
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
    T: Future<Output = ()> + Send + 'static,
{
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin((self.0)())
    }

    fn block(&self, _: Duration) {}
}
