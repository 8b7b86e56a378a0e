//! Which transactions are open around the code that a thread is running now; knows connections only as numbers.
//!
//! A function that is given the pool inside of another one's transaction (`on = self.pool`) has no handle to tell. It must
//! not wait for what the transaction around it holds, all the same.

use std::cell::RefCell;

use crate::clock::Deadline;
use crate::definition::Definition;

/// A transaction that waits until an inner one is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suspended {
    /// The function that began it.
    pub(crate) function: &'static Definition,
    /// The identity of the pool it has its connection from.
    pub(crate) pool: usize,
    /// Connections it holds, with those suspended for it.
    pub(crate) held: u32,
    /// Whether it may hold locks.
    pub(crate) worked: bool,
    /// When its time is up, where its calls block: that of the inner one too.
    pub(crate) deadline: Option<Deadline>,
}

thread_local! {
    static OPEN: RefCell<Vec<Suspended>> = const { RefCell::new(Vec::new()) };
}

/// Runs code (one poll of a body, or a blocking one) that is inside of a transaction.
pub(crate) fn within<R>(transaction: Option<Suspended>, run: impl FnOnce() -> R) -> R {
    let Some(transaction) = transaction else {
        return run();
    };
    OPEN.with_borrow_mut(|open| open.push(transaction));
    let _leave = Leave;
    run()
}

struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        OPEN.with_borrow_mut(Vec::pop);
    }
}

/// The innermost transaction around this code with a connection of this pool.
pub(crate) fn innermost(pool: usize) -> Option<Suspended> {
    OPEN.with_borrow(|open| open.iter().rev().find(|open| open.pool == pool).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    static FUNCTION: Definition = Definition::new("f", "f.rs", 1);

    fn on(pool: usize) -> Option<Suspended> {
        Some(Suspended {
            function: &FUNCTION,
            pool,
            held: 1,
            worked: true,
            deadline: None,
        })
    }

    #[test]
    fn it_lasts_as_long_as_the_code_runs_also_when_that_panics() {
        assert!(innermost(7).is_none());
        within(on(7), || {
            assert!(innermost(7).is_some());
            assert!(innermost(8).is_none());
            within(on(8), || {
                assert!(innermost(7).is_some() && innermost(8).is_some())
            });
        });
        let panicked = std::panic::catch_unwind(|| within(on(7), || panic!("on purpose")));
        assert!(panicked.is_err());
        assert!(innermost(7).is_none());
    }
}
