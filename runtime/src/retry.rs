//! Whether, and after which pause, a conflict is worth another attempt; knows no clock, no sleep and no driver.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::definition::Retry;

/// What to do after a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Run the body again after this pause.
    Replay(Duration),
    /// Return the error.
    GiveUp(Reason),
}

/// Why a conflict was not followed by another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The attempts were used up.
    Attempts,
    /// The time was used up.
    Time,
    /// Too many calls of this process are being replayed: see [`Budget`].
    Budget,
}

impl Retry {
    /// Decides after attempt number `attempt` (from 1) lost, `elapsed` since the call began; `draw` is uniform in `0.0..1.0`.
    pub fn decide(&self, attempt: u32, elapsed: Duration, draw: f64) -> Decision {
        if attempt >= self.attempts {
            return Decision::GiveUp(Reason::Attempts);
        }
        let pause = self.ceiling(attempt).mul_f64(draw.clamp(0.0, 1.0));
        if elapsed.saturating_add(pause) >= self.budget {
            return Decision::GiveUp(Reason::Time);
        }
        Decision::Replay(pause)
    }

    /// The longest pause there may be after attempt number `attempt`: `min(cap, base * 2^(attempt-1))`.
    pub fn ceiling(&self, attempt: u32) -> Duration {
        let factor = 1_u32
            .checked_shl(attempt.saturating_sub(1))
            .unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }
}

/// How much of a process's work may be replays: a token bucket, shared by all its transactions.
///
/// A replay takes one token, a committed call puts some back. While conflicts are the exception the bucket stays full;
/// in a storm, or when nothing commits any more, replays stop and the database is left in peace.
#[derive(Debug)]
pub struct Budget {
    tokens: AtomicU64,
    capacity: AtomicU64,
    deposit: AtomicU64,
}

static BUDGET: Budget = Budget::new(1_000, 10);

/// The bucket of this process: 1,000 tokens, 10 put back by each committed call.
pub fn budget() -> &'static Budget {
    &BUDGET
}

impl Budget {
    /// A full bucket of `capacity` tokens to which each committed call adds `deposit`.
    pub const fn new(capacity: u64, deposit: u64) -> Self {
        Self {
            tokens: AtomicU64::new(capacity),
            capacity: AtomicU64::new(capacity),
            deposit: AtomicU64::new(deposit),
        }
    }

    /// Changes the size and fills the bucket up. `u64::MAX` switches the budget off.
    pub fn configure(&self, capacity: u64, deposit: u64) {
        self.capacity.store(capacity, Ordering::Relaxed);
        self.deposit.store(deposit, Ordering::Relaxed);
        self.tokens.store(capacity, Ordering::Relaxed);
    }

    /// The tokens left.
    pub fn tokens(&self) -> u64 {
        self.tokens.load(Ordering::Relaxed)
    }

    pub(crate) fn withdraw(&self) -> bool {
        if self.capacity.load(Ordering::Relaxed) == u64::MAX {
            return true;
        }
        self.tokens
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| {
                tokens.checked_sub(1)
            })
            .is_ok()
    }

    pub(crate) fn deposit(&self) {
        let capacity = self.capacity.load(Ordering::Relaxed);
        let tokens = self.tokens.load(Ordering::Relaxed);
        if tokens < capacity {
            let filled = tokens
                .saturating_add(self.deposit.load(Ordering::Relaxed))
                .min(capacity);
            // A deposit lost to a race is made up for by the next commit.
            let _lost =
                self.tokens
                    .compare_exchange(tokens, filled, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn c58_the_pause_is_drawn_from_zero_to_the_ceiling() {
        let retry = Retry::new()
            .attempts(20)
            .base(10 * MS)
            .cap(100 * MS)
            .budget(Duration::from_secs(60));
        for attempt in 1..20 {
            let ceiling = retry.ceiling(attempt);
            assert_eq!(ceiling, (10 * MS * 2_u32.pow(attempt - 1)).min(100 * MS));
            for draw in [0.0, 0.25, 0.5, 0.999] {
                let Decision::Replay(pause) = retry.decide(attempt, Duration::ZERO, draw) else {
                    panic!("gave up")
                };
                assert_eq!(pause, ceiling.mul_f64(draw));
            }
        }
    }

    #[test]
    fn c58_attempts_and_time_end_it() {
        let retry = Retry::new().attempts(3).budget(Duration::from_secs(1));
        assert_eq!(
            retry.decide(3, Duration::ZERO, 0.5),
            Decision::GiveUp(Reason::Attempts)
        );
        assert_eq!(
            retry.decide(1, Duration::from_secs(1), 0.0),
            Decision::GiveUp(Reason::Time)
        );
        assert!(matches!(
            retry.decide(2, Duration::ZERO, 0.5),
            Decision::Replay(_)
        ));
    }

    #[test]
    fn huge_attempts_do_not_overflow() {
        let retry = Retry::new().base(Duration::MAX).cap(Duration::MAX);
        assert_eq!(retry.ceiling(u32::MAX), Duration::MAX);
    }

    #[test]
    fn an_empty_bucket_refuses_until_something_commits() {
        let budget = Budget::new(2, 1);
        assert!(budget.withdraw());
        assert!(budget.withdraw());
        assert!(!budget.withdraw());
        budget.deposit();
        assert_eq!(budget.tokens(), 1);
        assert!(budget.withdraw());
        (0..9).for_each(|_| budget.deposit());
        assert_eq!(budget.tokens(), 2);
        budget.configure(u64::MAX, 0);
        assert!((0..99).all(|_| budget.withdraw()));
    }
}
