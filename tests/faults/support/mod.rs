//! What the cases of all adapters share; knows no engine.

mod drop_after;
mod failure;
mod observed;
mod tally;

use std::time::Duration;

pub use drop_after::{Moment, drop_after};
pub use failure::{Failure, parties};
pub use observed::Observed;
pub use tally::{Count, Tally};

/// The output of a future that must not hang: a minute is for a hopeless machine, not part of any case.
pub async fn bounded<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(Duration::from_secs(60), future).await {
        Ok(output) => output,
        Err(_) => panic!("{what} hangs"),
    }
}

/// Waits until `condition` holds, for something that a server or another task does in its own time.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    bounded(what, async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
