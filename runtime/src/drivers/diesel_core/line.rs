//! A connection as something that carries text; knows no engine.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use diesel::QueryResult;
use diesel::connection::TransactionManagerStatus;

/// A connection that carries text, and the driver's count of its transactions.
pub(crate) trait Line: Send {
    /// Sends text as one message that is neither prepared nor cached, where the driver can.
    fn send(&mut self, sql: &str) -> impl Future<Output = QueryResult<()>> + Send;

    /// The driver's count.
    fn status(&mut self) -> &mut TransactionManagerStatus;
}

/// The output of a future that does not wait: one over a blocking line.
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
