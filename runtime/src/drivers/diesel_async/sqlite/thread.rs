//! Calls on another thread that outlive their callers; knows no transaction.
//!
//! The driver's own futures must not be dropped before they are done: on a runtime of one thread that is a panic.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use diesel::QueryResult;
use futures_core::future::BoxFuture;
use tokio::runtime::Handle;

use super::super::super::diesel_core::unsendable;
use super::super::SqliteConnection;

type Pending = BoxFuture<'static, ()>;

/// Calls whose callers are gone. Dropping it waits for them, elsewhere.
#[derive(Default)]
pub(super) struct Kept(Vec<Pending>);

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Kept").field(&self.0.len()).finish()
    }
}

impl Kept {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Runs a call for which nobody waits.
    pub(super) fn push(
        &mut self,
        conn: &mut SqliteConnection,
        call: impl FnOnce(&mut diesel::SqliteConnection) + Send + 'static,
    ) {
        let running = conn.spawn_blocking(move |conn| {
            call(conn);
            Ok(())
        });
        self.0.push(Box::pin(async move { drop(running.await) }));
    }

    /// Waits for all of them, here.
    pub(super) fn wait(&mut self) {
        for call in self.0.drain(..) {
            block_on(call);
        }
    }

    /// Waits for all of them on a thread of its own, and drops something then.
    pub(super) fn wait_elsewhere<T: Send + 'static>(&mut self, then: T) {
        let calls = std::mem::take(&mut self.0);
        // A pool's connection goes back to the pool with the runtime's help.
        let runtime = Handle::try_current().ok();
        let waits = move || {
            let _inside = runtime.as_ref().map(Handle::enter);
            for call in calls {
                block_on(call);
            }
            drop(then);
        };
        let named = thread::Builder::new().name("txkit-cancelled".to_owned());
        // Without a thread to wait on there is nothing that could be waited with: the process is about to fail anyway.
        let _thread = named.spawn(waits);
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if !self.is_empty() {
            self.wait_elsewhere(());
        }
    }
}

/// A call on the connection's thread. If its caller goes away before it is done it is kept; if it had not begun by then, it
/// does nothing.
pub(super) struct OnThread<'k, R: Send + 'static> {
    running: Option<BoxFuture<'static, QueryResult<R>>>,
    is_gone: Arc<AtomicBool>,
    kept: &'k mut Kept,
}

impl<'k, R: Send + 'static> OnThread<'k, R> {
    pub(super) fn new(
        conn: &mut SqliteConnection,
        kept: &'k mut Kept,
        call: impl FnOnce(&mut diesel::SqliteConnection) -> QueryResult<R> + Send + 'static,
    ) -> Self {
        let is_gone = Arc::new(AtomicBool::new(false));
        let look = is_gone.clone();
        let running = conn.spawn_blocking(move |conn| match look.load(Ordering::SeqCst) {
            true => Err(unsendable("its caller had gone before it began")),
            false => call(conn),
        });
        Self {
            running: Some(running),
            is_gone,
            kept,
        }
    }
}

impl<R: Send + 'static> Future for OnThread<'_, R> {
    type Output = QueryResult<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(running) = &mut self.running else {
            return Poll::Pending;
        };
        let done = running.as_mut().poll(cx);
        if done.is_ready() {
            self.running = None;
        }
        done
    }
}

impl<R: Send + 'static> Drop for OnThread<'_, R> {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.is_gone.store(true, Ordering::SeqCst);
            let kept = Box::pin(async move { drop(running.await) });
            self.kept.0.push(kept);
        }
    }
}

/// A short call whose caller, when it goes away, waits for it: nothing would know of it later.
pub(super) struct Short(Kept);

impl Short {
    pub(super) fn new() -> Self {
        Self(Kept::default())
    }

    pub(super) async fn call<R: Send + 'static>(
        &mut self,
        conn: &mut SqliteConnection,
        call: impl FnOnce(&mut diesel::SqliteConnection) -> QueryResult<R> + Send + 'static,
    ) -> QueryResult<R> {
        OnThread::new(conn, &mut self.0, call).await
    }
}

impl Drop for Short {
    fn drop(&mut self) {
        self.0.wait();
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future that needs no runtime to go on.
fn block_on(future: impl Future<Output = ()>) {
    // A task that has used up its share of polls would be told to come back later, which it never would.
    let mut future = pin!(tokio::task::unconstrained(future));
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    while future.as_mut().poll(&mut context).is_pending() {
        thread::park();
    }
}
