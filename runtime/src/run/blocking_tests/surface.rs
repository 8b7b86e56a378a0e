//! Blocking transactions without attributes: closures, guards, and the transaction of a test.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::definition::{Definition, Retry};
use crate::test::rolled_back_blocking;
use crate::{begin_blocking, transaction_blocking};

const COMMITTED: [&str; 4] = ["1: BEGIN", "1: INSERT 1", "1: COMMIT", "1: back"];
const ROLLED_BACK: [&str; 4] = ["1: BEGIN", "1: INSERT 1", "1: ROLLBACK", "1: back"];

#[test]
fn r18_a_closure_commits_and_rolls_back_as_a_function_does() {
    let pool = FakePool::default();
    let result = transaction_blocking(&pool, |tx| {
        work(tx, "INSERT 1")?;
        Ok::<_, TestError>(7)
    });
    assert!(matches!(result, Ok(7)));
    assert_eq!(pool.log(), COMMITTED);
    let result: Result<(), TestError> = transaction_blocking(&pool, |tx| {
        work(tx, "INSERT 1")?;
        Err(TestError::Refused)
    });
    assert!(matches!(result, Err(TestError::Refused)));
    assert_eq!(pool.log(), ROLLED_BACK);
}

#[test]
fn r18_a_closure_joins_and_may_call_functions() {
    let pool = FakePool::default();
    let result = transaction_blocking(&pool, |tx| {
        transaction_blocking(&mut *tx, |tx| Ok::<_, TestError>(work(tx, "INSERT 1")?))?;
        pay(&mut *tx)
    });
    result.expect("nothing fails");
    let log = ["1: BEGIN", "1: INSERT 1", "1: pay", "1: COMMIT", "1: back"];
    assert_eq!(pool.log(), log);
}

#[test]
fn r18_each_attempt_runs_a_clone_of_the_closure() {
    const RETRY: Retry = Retry::new().base(Duration::from_micros(1));
    static RETRIED: Definition = Definition::new("retried", "f.rs", 1).retry(RETRY);
    let pool = FakePool::default();
    pool.fails("INSERT 1", Fault::Deadlock)
        .fails("COMMIT", Fault::Deadlock);
    let list = vec![1, 2];
    let result = RETRIED.run_blocking(&pool, |tx| {
        work(tx, "INSERT 1")?;
        Ok::<_, TestError>((list, tx.attempt()))
    });
    assert!(matches!(result, Ok((list, 3)) if list == [1, 2]));
}

#[test]
fn r18_a_guard_commits_rolls_back_and_is_rolled_back_when_dropped() {
    let pool = FakePool::default();
    let begun = || {
        let mut open = begin_blocking(&pool).expect("nothing fails");
        work(&mut open.tx(), "INSERT 1").expect("nothing fails");
        open
    };
    begun().commit().expect("nothing fails");
    assert_eq!(pool.log(), COMMITTED);
    begun().rollback().expect("it never does");
    assert_eq!(pool.log(), ROLLED_BACK);
    drop(begun());
    let abandoned = ["1: BEGIN", "1: INSERT 1", "1: abandon", "1: back"];
    assert_eq!(pool.log(), abandoned);
}

#[test]
fn r18_a_guard_that_cannot_begin_says_so_and_one_that_cannot_commit_too() {
    let pool = FakePool::default();
    pool.fails("BEGIN", Fault::Plain);
    let error = begin_blocking(&pool).expect_err("it cannot begin");
    assert!(matches!(error, Error::Begin { .. }), "{error:?}");
    pool.fails("COMMIT", Fault::Unknown);
    let error = begin_blocking(&pool).expect("it begins").commit();
    assert!(matches!(error, Err(Error::OutcomeUnknown { .. })));
}

#[test]
fn r18_a_guard_that_joined_marks_what_it_joined() {
    #[transactional(crate = crate)]
    fn outer(tx: Tx<'_>, commit: bool) -> Result<(), TestError> {
        let open = begin_blocking(&mut tx)?;
        if commit {
            Ok(open.commit()?)
        } else {
            Ok(open.rollback()?)
        }
    }
    let pool = FakePool::default();
    outer(&pool, true).expect("nothing fails");
    let error = outer(&pool, false).expect_err("it is marked");
    assert!(
        matches!(error, TestError::Transaction(Error::RollbackOnly { .. })),
        "{error:?}"
    );
}

#[test]
fn c40_in_a_tests_transaction_each_outermost_one_is_a_savepoint_with_its_own_hooks() {
    let pool = FakePool::default();
    let seen = rolled_back_blocking(&pool, |tx| {
        let placed = place(&mut *tx, &pool);
        pool.fails("pay", Fault::Plain);
        let failed = place(&mut *tx, &pool);
        (placed.is_ok(), failed.is_ok())
    });
    assert!(matches!(seen, Ok((true, false))), "{seen:?}");
    let log = [
        "1: BEGIN",
        "1: SAVEPOINT txk_1",
        "1: insert",
        "1: pay",
        "1: RELEASE SAVEPOINT txk_1",
        "after_commit",
        "1: SAVEPOINT txk_2",
        "1: insert",
        "1: pay",
        "1: ROLLBACK TO SAVEPOINT txk_2; RELEASE SAVEPOINT txk_2",
        "after_rollback",
        "1: ROLLBACK",
        "1: back",
    ];
    assert_eq!(pool.log(), log);
}

#[test]
fn c40_a_transaction_that_a_logical_one_lost_is_lost_to_those_after_it() {
    #[transactional(crate = crate)]
    fn lends(tx: Tx<'_>) -> Result<(), TestError> {
        Ok(tx.with_conn_blocking(|conn| conn.tell("copy"))?)
    }
    let pool = FakePool::default();
    pool.fails("alive?", Fault::Gone);
    let seen = rolled_back_blocking(&pool, |tx| (lends(&mut *tx).is_ok(), work(tx, "INSERT 1")));
    let refused = Err(FakeError(Fault::Ended));
    assert_eq!(seen.expect("the test ran"), (true, refused));
}

#[test]
fn c40_a_test_that_panics_is_rolled_back_and_one_that_cannot_begin_says_so() {
    let pool = FakePool::default();
    let panics = || rolled_back_blocking(&pool, |_| panic!("on purpose"));
    catch_unwind(AssertUnwindSafe(panics)).expect_err("the panic goes on");
    assert_eq!(pool.log(), ["1: BEGIN", "1: ROLLBACK", "1: back"]);
    pool.fails("BEGIN", Fault::Plain);
    let error = rolled_back_blocking(&pool, |_| ()).expect_err("it cannot begin");
    assert!(matches!(error, Error::Begin { .. }), "{error:?}");
}
