//! A blocking body's time, by a clock that is set by hand: statements that come too late are not sent.

use super::*;

/// Stands still until it is moved.
#[derive(Debug)]
struct Hand {
    start: Instant,
    passed: Mutex<Duration>,
}

impl Hand {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            passed: Mutex::default(),
        })
    }

    fn pass(&self, seconds: u64) {
        *self.passed.lock().expect("no panic under the lock") += Duration::from_secs(seconds);
    }
}

impl Clock for Hand {
    fn now(&self) -> Instant {
        self.start + *self.passed.lock().expect("no panic under the lock")
    }

    fn sleep(&self, _: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }

    fn block(&self, _: Duration) {}
}

fn by<R>(hand: &Arc<Hand>, run: impl FnOnce() -> R) -> R {
    let clock: Arc<dyn Clock> = hand.clone();
    with_clock_blocking(&clock, run)
}

/// Two statements, with a time between them.
fn slow(tx: &mut Tx<'_>, hand: &Hand, seconds: u64) -> Result<(), FakeError> {
    work(tx, "INSERT 1")?;
    hand.pass(seconds);
    work(tx, "INSERT 2")
}

/// Whose time was up, as the statement was told.
fn late(result: Result<(), FakeError>) -> &'static str {
    match result {
        Err(FakeError(Fault::Late(function))) => function.rsplit("::").next().unwrap_or_default(),
        other => panic!("not late: {other:?}"),
    }
}

fn is_timeout(error: &TestError, of: &str) -> bool {
    matches!(error, TestError::Transaction(Error::Timeout { function, .. }) if function.ends_with(of))
}

#[transactional(crate = crate, timeout = "5s")]
fn in_five(tx: Tx<'_>, hand: &Hand, seconds: u64) -> Result<(), TestError> {
    Ok(slow(&mut tx, hand, seconds)?)
}

#[test]
fn r12_a_statement_after_the_deadline_is_not_sent() {
    let (pool, hand) = (FakePool::default(), Hand::new());
    by(&hand, || in_five(&pool, &hand, 4)).expect("in time");
    assert_eq!(pool.log()[2], "1: INSERT 2");
    let error = by(&hand, || in_five(&pool, &hand, 5)).expect_err("too late");
    assert!(is_timeout(&error, "in_five"), "{error:?}");
    let log = ["1: BEGIN", "1: INSERT 1", "1: ROLLBACK", "1: back"];
    assert_eq!(pool.log(), log);
}

#[test]
fn r12_neither_is_the_connection_lent() {
    #[transactional(crate = crate, timeout = "5s")]
    fn lends(tx: Tx<'_>, hand: &Hand) -> Result<(), TestError> {
        hand.pass(6);
        Ok(tx.with_conn_blocking(|conn| conn.tell("copy"))?)
    }
    let (pool, hand) = (FakePool::default(), Hand::new());
    by(&hand, || lends(&pool, &hand)).expect_err("too late");
    assert_eq!(pool.log(), ["1: BEGIN", "1: ROLLBACK", "1: back"]);
}

#[test]
fn r12_a_joined_functions_own_time_is_its_own_only() {
    #[transactional(crate = crate)]
    fn outer(tx: Tx<'_>, hand: &Hand) -> Result<(), TestError> {
        let error = in_five(&mut tx, hand, 6).expect_err("too late");
        assert!(is_timeout(&error, "in_five"), "{error:?}");
        Ok(work(&mut tx, "INSERT 3")?)
    }
    let (pool, hand) = (FakePool::default(), Hand::new());
    let error = by(&hand, || outer(&pool, &hand)).expect_err("a part of it failed");
    assert!(
        matches!(error, TestError::Transaction(Error::RollbackOnly { .. })),
        "{error:?}"
    );
    let log = [
        "1: BEGIN",
        "1: INSERT 1",
        "1: INSERT 3",
        "1: ROLLBACK",
        "1: back",
    ];
    assert_eq!(pool.log(), log);
}

#[test]
fn r12_the_time_of_the_function_around_a_joined_one_counts_as_well() {
    #[transactional(crate = crate, timeout = "9s")]
    fn joined(tx: Tx<'_>, hand: &Hand) -> Result<(), TestError> {
        let result = slow(&mut tx, hand, 8);
        assert_eq!(late(result), "outer");
        hand.pass(1);
        assert_eq!(late(work(&mut tx, "INSERT 3")), "outer");
        Ok(())
    }
    #[transactional(crate = crate, propagation = nested, timeout = "2s")]
    fn shorter(tx: Tx<'_>, hand: &Hand) -> Result<(), TestError> {
        assert_eq!(late(slow(&mut tx, hand, 3)), "shorter");
        Ok(())
    }
    #[transactional(crate = crate, timeout = "7s")]
    fn outer(tx: Tx<'_>, hand: &Hand) -> Result<(), TestError> {
        shorter(&mut tx, hand).expect_err("too late");
        joined(&mut tx, hand)
    }
    let (pool, hand) = (FakePool::default(), Hand::new());
    let error = by(&hand, || outer(&pool, &hand)).expect_err("too late");
    assert!(is_timeout(&error, "outer"), "{error:?}");
}

#[test]
fn r12_an_independent_transaction_runs_in_its_callers_time_too() {
    #[transactional(crate = crate, propagation = requires_new)]
    fn independent(tx: Tx<'_>, hand: &Hand) -> Result<(), TestError> {
        Ok(slow(&mut tx, hand, 6)?)
    }
    #[transactional(crate = crate, timeout = "5s")]
    fn by_handle(tx: Tx<'_>, hand: &Hand) -> Result<(), TestError> {
        independent(&mut tx, hand)
    }
    #[transactional(crate = crate, timeout = "5s")]
    fn by_pool(_tx: Tx<'_>, pool: &FakePool, hand: &Hand) -> Result<(), TestError> {
        independent(pool, hand)
    }
    let log = [
        "1: BEGIN",
        "2: BEGIN",
        "2: INSERT 1",
        "2: ROLLBACK",
        "2: back",
        "1: ROLLBACK",
        "1: back",
    ];
    let (pool, hand) = (FakePool::default(), Hand::new());
    let error = by(&hand, || by_handle(&pool, &hand)).expect_err("too late");
    assert!(is_timeout(&error, "by_handle"), "{error:?}");
    assert_eq!(pool.log(), log);
    let error = by(&hand, || by_pool(&pool, &pool, &hand)).expect_err("too late");
    assert!(is_timeout(&error, "by_pool"), "{error:?}");
    assert_eq!(pool.log(), log);
}

#[test]
fn r12_each_attempt_has_its_own_time() {
    #[transactional(crate = crate, timeout = "5s", retry(attempts = 2, base = "1ms"))]
    fn retried(tx: Tx<'_>, hand: &Hand) -> Result<u32, TestError> {
        slow(&mut tx, hand, 3)?;
        Ok(tx.attempt())
    }
    let (pool, hand) = (FakePool::default(), Hand::new());
    pool.fails("COMMIT", Fault::Deadlock);
    let result = by(&hand, || retried(&pool, &hand));
    assert!(matches!(result, Ok(2)), "{result:?}");
}
