//! The blocking runner, through the attributes, on a fake driver: what is told to the database, in which order.

mod lending;
mod surface;
mod timeouts;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::fake::{FakeConnection, FakeError, FakePool, Fault};
use txkit_macros::transactional;

use crate::clock::Clock;
use crate::conflict::Conflict;
use crate::error::Error;
use crate::test::with_clock_blocking;
use crate::tx::InFlight;

type Tx<'a> = crate::tx::Tx<'a, FakeConnection>;

#[derive(Debug, thiserror::Error)]
enum TestError {
    #[error(transparent)]
    Transaction(#[from] Error),
    #[error(transparent)]
    Fake(#[from] FakeError),
    #[error("refused")]
    Refused,
}

/// Sends a statement as a driver does.
fn work(tx: &mut Tx<'_>, sql: &str) -> Result<(), FakeError> {
    tx.state.ask_blocking(tx.conn)?;
    if let Some(late) = tx.state.overdue() {
        return Err(late.into());
    }
    tx.state.admit(sql)?;
    let sent = InFlight::new(tx.state);
    let result = tx.conn.tell(sql);
    sent.answered(result)
}

#[transactional(crate = crate)]
fn place(tx: Tx<'_>, pool: &FakePool) -> Result<u32, TestError> {
    let (after, undone) = (pool.clone(), pool.clone());
    tx.after_commit(move || after.note("after_commit"));
    tx.after_rollback(move |_| undone.note("after_rollback"));
    work(&mut tx, "insert")?;
    pay(&mut tx)?;
    Ok(7)
}

#[transactional(crate = crate)]
fn pay(tx: Tx<'_>) -> Result<(), TestError> {
    Ok(work(&mut tx, "pay")?)
}

#[transactional(crate = crate, retry(attempts = 3, base = "1s"))]
fn retried(tx: Tx<'_>, pool: FakePool) -> Result<u32, TestError> {
    let attempt = tx.attempt();
    tx.after_rollback(move |reason| pool.note(&format!("undone {}", reason.attempt)));
    work(&mut tx, "update")?;
    Ok(attempt)
}

#[transactional(crate = crate, propagation = nested)]
fn risky(tx: Tx<'_>) -> Result<(), TestError> {
    work(&mut tx, "risk")?;
    Err(TestError::Refused)
}

#[transactional(crate = crate)]
fn careful(tx: Tx<'_>) -> Result<bool, TestError> {
    Ok(risky(&mut tx).is_err())
}

#[transactional(crate = crate, propagation = requires_new)]
fn audit(tx: Tx<'_>) -> Result<(), TestError> {
    Ok(work(&mut tx, "audit")?)
}

#[transactional(crate = crate, commit_on(TestError::Refused))]
fn audited(tx: Tx<'_>) -> Result<(), TestError> {
    audit(&mut tx)?;
    Err(TestError::Refused)
}

#[test]
fn c01_ok_is_one_begin_and_one_commit_and_hooks_follow_the_connections_return() {
    let pool = FakePool::default();
    assert!(matches!(place(&pool, &pool), Ok(7)));
    assert_eq!(
        pool.log(),
        [
            "1: BEGIN",
            "1: insert",
            "1: pay",
            "1: COMMIT",
            "1: back",
            "after_commit"
        ]
    );
}

#[test]
fn c02_an_error_rolls_back_and_comes_out() {
    let pool = FakePool::default();
    pool.fails("pay", Fault::Plain);
    assert!(matches!(
        place(&pool, &pool),
        Err(TestError::Fake(FakeError(Fault::Plain)))
    ));
    let log = [
        "1: BEGIN",
        "1: insert",
        "1: pay",
        "1: ROLLBACK",
        "1: back",
        "after_rollback",
    ];
    assert_eq!(pool.log(), log);
}

#[test]
fn c05_a_failing_rollback_hides_nothing_and_the_connection_is_closed() {
    let pool = FakePool::default();
    pool.fails("pay", Fault::Plain)
        .fails("ROLLBACK", Fault::Unknown);
    assert!(matches!(
        place(&pool, &pool),
        Err(TestError::Fake(FakeError(Fault::Plain)))
    ));
    assert!(pool.log().contains(&"discard".to_owned()));
}

#[test]
fn c06_a_panic_rolls_back_and_goes_on() {
    #[transactional(crate = crate)]
    fn panics(tx: Tx<'_>) -> Result<(), TestError> {
        work(&mut tx, "insert")?;
        panic!("on purpose")
    }
    let pool = FakePool::default();
    let caught = std::panic::catch_unwind(|| panics(&pool)).expect_err("the panic goes on");
    assert_eq!(caught.downcast_ref::<&str>(), Some(&"on purpose"));
    assert_eq!(
        pool.log(),
        ["1: BEGIN", "1: insert", "1: ROLLBACK", "1: back"]
    );
}

#[test]
fn c30_requires_new_runs_on_a_second_connection_and_commit_on_commits() {
    let pool = FakePool::default();
    assert!(matches!(audited(&pool), Err(TestError::Refused)));
    let log = [
        "1: BEGIN",
        "2: BEGIN",
        "2: audit",
        "2: COMMIT",
        "2: back",
        "1: COMMIT",
        "1: back",
    ];
    assert_eq!(pool.log(), log);
}

#[test]
fn c35_a_nested_failure_undoes_its_savepoint_only() {
    let pool = FakePool::default();
    assert!(matches!(careful(&pool), Ok(true)));
    let undo = "1: ROLLBACK TO SAVEPOINT txk_1; RELEASE SAVEPOINT txk_1";
    let log = [
        "1: BEGIN",
        "1: SAVEPOINT txk_1",
        "1: risk",
        undo,
        "1: COMMIT",
        "1: back",
    ];
    assert_eq!(pool.log(), log);
}

/// Never waits, and remembers how long it should have.
#[derive(Debug)]
struct Patient {
    start: Instant,
    pauses: Mutex<Vec<Duration>>,
}

impl Clock for Patient {
    fn now(&self) -> Instant {
        self.start
    }

    fn sleep(&self, _: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }

    fn block(&self, pause: Duration) {
        self.pauses
            .lock()
            .expect("no panic under the lock")
            .push(pause);
    }
}

#[test]
fn c50_fails_twice_then_succeeds_by_the_tests_own_clock() {
    let pool = FakePool::default();
    pool.fails("update", Fault::Deadlock)
        .fails("COMMIT", Fault::Deadlock);
    let patient = Arc::new(Patient {
        start: Instant::now(),
        pauses: Mutex::default(),
    });
    let clock: Arc<dyn Clock> = patient.clone();
    let result = with_clock_blocking(&clock, || retried(&pool, pool.clone()));
    assert!(matches!(result, Ok(3)), "{result:?}");
    let log = pool.log();
    assert_eq!(
        log.iter().filter(|entry| entry.ends_with("BEGIN")).count(),
        3
    );
    assert_eq!(
        log.iter()
            .filter(|entry| entry.starts_with("undone"))
            .collect::<Vec<_>>(),
        ["undone 1", "undone 2"]
    );
    let pauses = patient.pauses.lock().expect("no panic under the lock");
    assert_eq!(pauses.len(), 2);
    assert!(pauses[0] <= Duration::from_secs(1) && pauses[1] <= Duration::from_secs(1));
}

#[test]
fn c51_the_last_error_comes_out_when_the_attempts_are_used_up() {
    let pool = FakePool::default();
    for _ in 0..3 {
        pool.fails("COMMIT", Fault::Deadlock);
    }
    let clock: Arc<dyn Clock> = Arc::new(Patient {
        start: Instant::now(),
        pauses: Mutex::default(),
    });
    let error =
        with_clock_blocking(&clock, || retried(&pool, pool.clone())).expect_err("three conflicts");
    let TestError::Transaction(error @ Error::Commit { attempts: 3, .. }) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(error.conflict(), Some(Conflict::Deadlock));
}

#[test]
fn c56_an_unknown_outcome_is_not_replayed() {
    let pool = FakePool::default();
    pool.fails("COMMIT", Fault::Unknown);
    let error = retried(&pool, pool.clone()).expect_err("no answer");
    assert!(
        matches!(error, TestError::Transaction(Error::OutcomeUnknown { .. })),
        "{error:?}"
    );
    assert_eq!(
        pool.log(),
        ["1: BEGIN", "1: update", "1: COMMIT", "discard", "1: back"]
    );
}
