//! Calls that block, from a runtime that must not.

use std::panic::resume_unwind;

use tokio::task::spawn_blocking;

/// Runs `call` on one of the threads that may block. A panic goes on here.
pub(super) async fn on_a_thread<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(call)
        .await
        .map_err(|error| error.try_into_panic())
    {
        Ok(returned) => returned,
        Err(Ok(panic)) => resume_unwind(panic),
        // the runtime is being shut down, and nobody waits any more
        Err(Err(_)) => std::future::pending().await,
    }
}
