//! Replays purchases with several workers at once; knows no driver and no database.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use tokio::task::JoinSet;

use crate::domain::{NewOrder, OrderStatus, Purchase, ShopError};
use crate::shop::Shop;

/// How often one thing is tried before the run breaks off. txkit retries conflicts; this is for what it must not
/// retry by itself: lost connections, unknown outcomes, conflicts beyond the attempts allowed.
const TRIES: u32 = 10;

/// After every how many purchases stock is levelled out, and a customer looks at the order history.
const LEVEL_OUT_EVERY: i64 = 50;
const LOOK_BACK_EVERY: i64 = 20;

/// What a customer was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Confirmed,
    Declined,
    OutOfStock,
}

impl Answer {
    /// The order that this answer promises to be there.
    pub(crate) fn leaves_behind(self) -> Option<OrderStatus> {
        match self {
            Self::Confirmed => Some(OrderStatus::Confirmed),
            Self::Declined => Some(OrderStatus::Cancelled),
            Self::OutOfStock => None,
        }
    }
}

/// A purchase that has its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settled {
    pub(crate) purchase: Purchase,
    pub(crate) answer: Answer,
    pub(crate) latency: Duration,
}

/// All purchases, answered.
#[derive(Debug)]
pub(crate) struct Replayed {
    pub(crate) settled: Vec<Settled>,
    pub(crate) elapsed: Duration,
}

/// A run that could not go on.
#[derive(Debug, thiserror::Error)]
#[error("the run broke off at line {line}")]
pub(crate) struct BrokenOff {
    line: i64,
    source: ShopError,
}

/// Replays all purchases. The first failure that trying again does not mend ends the run.
pub(crate) async fn replay<S: Shop>(
    shop: &S,
    purchases: Vec<Purchase>,
    workers: u32,
    progress: &ProgressBar,
) -> Result<Replayed, BrokenOff> {
    let begun = Instant::now();
    let queue = Arc::new(Queue {
        purchases,
        next: AtomicUsize::new(0),
    });
    let mut team = JoinSet::new();
    for _ in 0..workers {
        team.spawn(work(shop.clone(), Arc::clone(&queue), progress.clone()));
    }
    let mut settled = Vec::with_capacity(queue.purchases.len());
    let mut broken = None;
    while let Some(finished) = team.join_next().await {
        match finished {
            Ok(Ok(part)) => settled.extend(part),
            Ok(Err(error)) => {
                queue.close();
                broken.get_or_insert(error);
            }
            Err(failed) => {
                // nothing cancels a worker: what is left is a panic, which is nobody's to swallow
                if let Ok(panic) = failed.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
    match broken {
        Some(error) => Err(error),
        None => Ok(Replayed {
            settled,
            elapsed: begun.elapsed(),
        }),
    }
}

/// The purchases still to come, first come first served.
struct Queue {
    purchases: Vec<Purchase>,
    next: AtomicUsize,
}

impl Queue {
    fn take(&self) -> Option<Purchase> {
        self.purchases
            .get(self.next.fetch_add(1, Ordering::Relaxed))
            .copied()
    }

    fn close(&self) {
        self.next.store(self.purchases.len(), Ordering::Relaxed);
    }
}

async fn work<S: Shop>(
    shop: S,
    queue: Arc<Queue>,
    progress: ProgressBar,
) -> Result<Vec<Settled>, BrokenOff> {
    let mut settled = Vec::new();
    while let Some(purchase) = queue.take() {
        let broken = |source| BrokenOff {
            line: purchase.line,
            source,
        };
        let begun = Instant::now();
        let answer = submit(&shop, purchase).await.map_err(broken)?;
        settled.push(Settled {
            purchase,
            answer,
            latency: begun.elapsed(),
        });
        keep_shop(&shop, purchase).await.map_err(broken)?;
        progress.inc(1);
    }
    Ok(settled)
}

/// Hands a purchase in until it has an answer. An error that is no answer may hide a commit, so before handing it in
/// again look whether the order is there; should it come to light only then, its key refuses the second one.
async fn submit<S: Shop>(shop: &S, purchase: Purchase) -> Result<Answer, ShopError> {
    let mut submission = 1;
    loop {
        let error = match shop
            .place_order(NewOrder {
                purchase,
                submission,
            })
            .await
        {
            Ok(()) => return Ok(Answer::Confirmed),
            Err(ShopError::PaymentDeclined { .. }) => return Ok(Answer::Declined),
            Err(ShopError::OutOfStock { .. }) => return Ok(Answer::OutOfStock),
            Err(error) => error,
        };
        if submission == TRIES {
            return Err(error);
        }
        pause_after(submission).await;
        if let Ok(Some(answer)) = look_up(shop, purchase).await {
            return Ok(answer);
        }
        submission += 1;
    }
}

async fn look_up<S: Shop>(shop: &S, purchase: Purchase) -> Result<Option<Answer>, ShopError> {
    let history = shop.order_history(purchase.customer).await?;
    let order = history
        .into_iter()
        .find(|order| order.line == purchase.line);
    Ok(order.and_then(|order| match order.status {
        OrderStatus::Confirmed => Some(Answer::Confirmed),
        OrderStatus::Cancelled => Some(Answer::Declined),
        OrderStatus::Placed => None,
    }))
}

/// What goes on in a shop beside selling.
async fn keep_shop<S: Shop>(shop: &S, purchase: Purchase) -> Result<(), ShopError> {
    if purchase.line % LOOK_BACK_EVERY == 0 {
        insist(|| shop.order_history(purchase.customer)).await?;
    }
    if purchase.line % LEVEL_OUT_EVERY == 0 {
        insist(|| shop.level_out_stock()).await?;
    }
    Ok(())
}

/// Tries again what may safely be done twice.
async fn insist<T, F>(job: impl Fn() -> F) -> Result<T, ShopError>
where
    F: Future<Output = Result<T, ShopError>>,
{
    let mut tried = 1;
    loop {
        match job().await {
            Err(_) if tried < TRIES => pause_after(tried).await,
            result => return result,
        }
        tried += 1;
    }
}

/// Longer each time, up to two seconds; uneven, lest the workers meet again.
async fn pause_after(tries: u32) {
    let longest = 2_000.min(20_u64 << tries.min(10));
    tokio::time::sleep(Duration::from_millis(fastrand::u64(longest / 2..=longest))).await;
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
