//! Drops a future at a chosen moment; knows nothing of transactions.

use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::subject::Boxed;

/// When a future is dropped.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// As soon as this poll has returned: what it asked for is on its way.
    Pending(u32),
    /// When it was woken after this poll: the answer has come, and nobody has read it.
    Woken(u32),
    /// After a time.
    After(Duration),
    /// Not at all.
    Never,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending(polls) => write!(f, "dropped after poll {polls}"),
            Self::Woken(polls) => write!(f, "dropped when woken after poll {polls}"),
            Self::After(time) => write!(f, "dropped after {time:?}"),
            Self::Never => f.write_str("not dropped"),
        }
    }
}

/// What became of it.
#[derive(Debug)]
pub enum End<T> {
    Returned(T),
    Panicked,
    Dropped,
}

/// Polls a future until it ends, or its moment has come. It is gone then. Also how often it was polled.
pub async fn drop_at<T>(moment: Moment, future: Boxed<T>) -> (End<T>, u32) {
    let mut polls = 0;
    let end = match moment {
        Moment::After(time) => timed(time, future, &mut polls).await,
        _ => counted(moment, future, &mut polls).await,
    };
    (end, polls)
}

async fn counted<T>(moment: Moment, mut future: Boxed<T>, polls: &mut u32) -> End<T> {
    poll_fn(|cx| {
        if matches!(moment, Moment::Woken(most) if *polls == most) {
            return Poll::Ready(End::Dropped);
        }
        *polls += 1;
        let polled = poll(&mut future, cx);
        match moment {
            Moment::Pending(most) if polled.is_pending() && *polls == most => {
                Poll::Ready(End::Dropped)
            }
            _ => polled,
        }
    })
    .await
}

async fn timed<T>(time: Duration, mut future: Boxed<T>, polls: &mut u32) -> End<T> {
    let mut over = pin!(elapsed(time));
    poll_fn(|cx| {
        if over.as_mut().poll(cx).is_ready() {
            return Poll::Ready(End::Dropped);
        }
        *polls += 1;
        poll(&mut future, cx)
    })
    .await
}

fn poll<T>(future: &mut Boxed<T>, cx: &mut Context<'_>) -> Poll<End<T>> {
    match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled.map(End::Returned),
        Err(_panic) => Poll::Ready(End::Panicked),
    }
}

/// More exact than the runtime's timer, whose grain is a millisecond.
async fn elapsed(time: Duration) {
    const GRAIN: Duration = Duration::from_millis(2);
    let end = Instant::now() + time;
    if time > GRAIN {
        tokio::time::sleep(time - GRAIN).await;
    }
    while Instant::now() < end {
        tokio::task::yield_now().await;
    }
}
