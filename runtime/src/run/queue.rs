//! Hooks of asynchronous transactions on their way; knows no transaction and no driver.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::panic_text;
use crate::definition::Definition;
use crate::error::BoxError;
use crate::hooks::{AsyncHook, RolledBack};
use crate::observe;

type Running = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// Hooks on their way. What has not run when it is dropped goes on in a task of its own.
#[derive(Default)]
pub struct AsyncQueue {
    function: Option<(&'static Definition, u32)>,
    running: Option<Running>,
    waiting: VecDeque<(AsyncHook, RolledBack)>,
    /// Its caller is gone already: what is left when this is dropped as well is lost.
    orphan: bool,
}

impl fmt::Debug for AsyncQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncQueue")
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

impl AsyncQueue {
    /// Adds hooks of one attempt.
    pub(crate) fn extend(
        &mut self,
        function: &'static Definition,
        attempt: u32,
        hooks: Vec<(AsyncHook, RolledBack)>,
    ) {
        self.function = Some((function, attempt));
        self.waiting.extend(hooks);
    }

    fn is_empty(&self) -> bool {
        self.running.is_none() && self.waiting.is_empty()
    }

    /// Runs them in order.
    pub(crate) async fn drain(&mut self) {
        poll_fn(|cx| self.poll_drain(cx)).await;
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.running.is_none() {
                let Some((hook, reason)) = self.waiting.pop_front() else {
                    return Poll::Ready(());
                };
                match catch_unwind(AssertUnwindSafe(|| hook(reason))) {
                    Ok(future) => self.running = Some(future),
                    Err(panic) => self.failed(&panic_text(&*panic)),
                }
            }
            if self.poll_running(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn poll_running(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(running) = &mut self.running else {
            return Poll::Ready(());
        };
        match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(()))) => {}
            Ok(Poll::Ready(Err(error))) => self.failed(&error.to_string()),
            Err(panic) => self.failed(&panic_text(&*panic)),
        }
        self.running = None;
        Poll::Ready(())
    }

    fn failed(&self, error: &str) {
        if let Some((function, attempt)) = self.function {
            observe::emit(function, attempt, observe::Kind::HookFailed { error });
        }
    }
}

impl Drop for AsyncQueue {
    fn drop(&mut self) {
        if self.is_empty() {
            return;
        }
        let running = self.running.take();
        let waiting = std::mem::take(&mut self.waiting);
        let lost = waiting.len() + usize::from(running.is_some());
        // A runtime that is shutting down drops what it is given at once.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if !self.orphan => {
                let mut rest = Self {
                    function: self.function,
                    running,
                    waiting,
                    orphan: true,
                };
                drop(runtime.spawn(async move { rest.drain().await }));
            }
            _ => self.failed(&format!(
                "{lost} hooks were not run to their end: the caller was cancelled and no runtime was there to go on"
            )),
        }
    }
}
