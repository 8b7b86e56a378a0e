//! Cancels a future at a chosen point; knows nothing of transactions.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// When, after its last poll, a future is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At once: what it asked for is on its way.
    Pending,
    /// When it was woken: the answer has come and nobody has read it.
    Woken,
}

/// Polls a future `polls` times, each time when it was woken, and drops it. Its output, if it had one by then.
pub async fn drop_after<F: Future>(polls: usize, moment: Moment, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 && moment == Moment::Pending => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test]
async fn a_future_is_dropped_after_its_last_poll() {
    let polls = std::cell::Cell::new(0);
    let twice = async {
        polls.set(1);
        tokio::task::yield_now().await;
        polls.set(2);
        tokio::task::yield_now().await;
        polls.set(3);
    };
    assert_eq!(drop_after(2, Moment::Pending, twice).await, None);
    assert_eq!(polls.get(), 2);
    assert_eq!(drop_after(1, Moment::Pending, async { 7 }).await, Some(7));
}
