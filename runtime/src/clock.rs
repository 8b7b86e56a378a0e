//! The time transactions go by, and how they pause; knows no policy. Tests bring a clock of their own.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::definition::Definition;

/// A source of time. The default one is the system's, sleeping on Tokio's timer.
pub trait Clock: Send + Sync + 'static {
    /// Now, on a monotonic scale.
    fn now(&self) -> Instant;
    /// Pauses a task.
    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
    /// Pauses a thread.
    fn block(&self, pause: Duration);
}

/// When the time of a function is up that declares a `timeout`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    pub(crate) function: &'static Definition,
}

thread_local! {
    static CLOCK: RefCell<Option<Arc<dyn Clock>>> = const { RefCell::new(None) };
}

fn installed() -> Option<Arc<dyn Clock>> {
    CLOCK.with_borrow(Clone::clone)
}

pub(crate) fn now() -> Instant {
    installed().map_or_else(Instant::now, |clock| clock.now())
}

pub(crate) async fn sleep(pause: Duration) {
    if pause.is_zero() {
        return;
    }
    match installed() {
        Some(clock) => clock.sleep(pause).await,
        None => tokio::time::sleep(pause).await,
    }
}

pub(crate) fn block(pause: Duration) {
    match installed() {
        Some(clock) => clock.block(pause),
        None => std::thread::sleep(pause),
    }
}

/// Runs a closure by another clock.
pub(crate) fn within<R>(clock: &Arc<dyn Clock>, run: impl FnOnce() -> R) -> R {
    let before = CLOCK.replace(Some(clock.clone()));
    let _restore = Restore(before);
    run()
}

struct Restore(Option<Arc<dyn Clock>>);

impl Drop for Restore {
    fn drop(&mut self) {
        CLOCK.set(self.0.take());
    }
}

/// A future that goes by another clock, whichever thread polls it.
pub(crate) struct ByClock<F> {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) future: Pin<Box<F>>,
}

impl<F: Future> Future for ByClock<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let clock = self.clock.clone();
        within(&clock, || self.future.as_mut().poll(cx))
    }
}
