//! The connection, lent by a blocking handle, and when the engine is asked whether the transaction is alive.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;

/// Tells the database something unseen.
fn unseen(tx: &mut Tx<'_>, what: &str) -> Result<(), FakeError> {
    tx.with_conn_blocking(|conn| conn.tell(what))
}

#[transactional(crate = crate)]
fn lends(tx: Tx<'_>, pool: &FakePool) -> Result<(), TestError> {
    let (after, undone) = (pool.clone(), pool.clone());
    tx.after_commit(move || after.note("after_commit"));
    tx.after_rollback(move |_| undone.note("after_rollback"));
    unseen(&mut tx, "copy")?;
    pool.note("returned");
    Ok(work(&mut tx, "INSERT 1")?)
}

#[transactional(crate = crate, propagation = nested)]
fn nested(tx: Tx<'_>) -> Result<(), TestError> {
    Ok(work(&mut tx, "INSERT 2")?)
}

#[test]
fn r10_the_engine_is_asked_before_the_statement_after_a_loan() {
    let pool = FakePool::default();
    lends(&pool, &pool).expect("nothing fails");
    let log = [
        "1: BEGIN",
        "1: lend",
        "1: copy",
        "returned",
        "1: alive?",
        "1: INSERT 1",
        "1: COMMIT",
        "1: back",
        "after_commit",
    ];
    assert_eq!(pool.log(), log);
}

#[test]
fn c14_after_a_transaction_that_was_ended_there_nothing_is_sent() {
    let pool = FakePool::default();
    pool.fails("alive?", Fault::Gone)
        .fails("ROLLBACK", Fault::Gone);
    let error = lends(&pool, &pool).expect_err("it was ended");
    assert!(
        matches!(error, TestError::Transaction(Error::PartlyCommitted { .. })),
        "{error:?}"
    );
    let log = [
        "1: BEGIN",
        "1: lend",
        "1: copy",
        "returned",
        "1: alive?",
        "1: ROLLBACK",
        "1: back",
    ];
    assert_eq!(pool.log(), log, "no hook ran");
}

#[test]
fn c14_a_level_that_was_lost_there_needs_no_question() {
    #[transactional(crate = crate)]
    fn loses(tx: Tx<'_>) -> Result<(), TestError> {
        tx.conn.depth = 1;
        tx.with_conn_blocking(|conn| {
            conn.depth = 0;
            Ok(())
        })?;
        let refused = work(&mut tx, "INSERT 1");
        assert_eq!(refused, Err(FakeError(Fault::Ended)));
        Ok(())
    }
    let pool = FakePool::default();
    let error = loses(&pool).expect_err("it was ended");
    assert!(
        matches!(error, TestError::Transaction(Error::Poisoned { .. })),
        "{error:?}"
    );
    assert_eq!(
        pool.log(),
        ["1: BEGIN", "1: lend", "1: ROLLBACK", "1: back"]
    );
}

#[test]
fn c14_without_an_answer_the_question_is_repeated() {
    #[transactional(crate = crate)]
    fn lends(tx: Tx<'_>) -> Result<(), TestError> {
        unseen(&mut tx, "copy")?;
        let unanswered = work(&mut tx, "INSERT 1");
        assert_eq!(unanswered, Err(FakeError(Fault::Plain)));
        Ok(work(&mut tx, "INSERT 1")?)
    }
    let pool = FakePool::default();
    pool.fails("alive?", Fault::Plain);
    lends(&pool).expect("the second answer counts");
    let log = [
        "1: lend",
        "1: copy",
        "1: alive?",
        "1: alive?",
        "1: INSERT 1",
    ];
    assert_eq!(pool.log()[1..6], log);
}

#[test]
fn r17_a_conflict_in_lent_work_is_found_in_its_error() {
    #[transactional(crate = crate, retry(attempts = 2, base = "1us"))]
    fn meets(tx: Tx<'_>) -> Result<u32, TestError> {
        unseen(&mut tx, "copy")?;
        Ok(tx.attempt())
    }
    let pool = FakePool::default();
    pool.fails("copy", Fault::Deadlock);
    assert!(matches!(meets(&pool), Ok(2)));
}

#[test]
fn r10_a_connection_that_cannot_be_lent_is_not() {
    let pool = FakePool::default();
    pool.fails("lend", Fault::Plain);
    let error = lends(&pool, &pool).expect_err("it was not lent");
    assert!(matches!(error, TestError::Fake(FakeError(Fault::Plain))));
    assert_eq!(pool.log()[..3], ["1: BEGIN", "1: lend", "1: ROLLBACK"]);
}

#[test]
fn c07_a_panic_while_it_is_lent_poisons_the_transaction_though_it_is_caught() {
    #[transactional(crate = crate)]
    fn panics(tx: Tx<'_>) -> Result<(), TestError> {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            tx.with_conn_blocking(|_| -> Result<(), FakeError> { panic!("on purpose") })
        }));
        assert!(caught.is_err());
        let refused = work(&mut tx, "INSERT 1");
        assert_eq!(refused, Err(FakeError(Fault::Ended)));
        assert_eq!(unseen(&mut tx, "copy"), Err(FakeError(Fault::Ended)));
        Ok(())
    }
    let pool = FakePool::default();
    let error = panics(&pool).expect_err("a statement may still run");
    assert!(
        matches!(error, TestError::Transaction(Error::Poisoned { .. })),
        "{error:?}"
    );
    assert_eq!(pool.log(), ["1: BEGIN", "1: lend", "1: abandon", "1: back"]);
}

#[test]
fn c10_what_may_have_ended_the_transaction_unseen_is_asked_for_before_the_next_statement() {
    #[transactional(crate = crate)]
    fn calls(tx: Tx<'_>) -> Result<(), TestError> {
        work(&mut tx, "CALL p()")?;
        nested(&mut tx)?;
        work(&mut tx, "CALL p()")?;
        Ok(work(&mut tx, "INSERT 3")?)
    }
    let pool = FakePool::default();
    calls(&pool).expect("nothing fails");
    let log = [
        "1: BEGIN",
        "1: CALL p()",
        "1: alive?",
        "1: SAVEPOINT txk_1",
        "1: INSERT 2",
        "1: RELEASE SAVEPOINT txk_1",
        "1: CALL p()",
        "1: alive?",
        "1: INSERT 3",
        "1: COMMIT",
        "1: back",
    ];
    assert_eq!(pool.log(), log);
}

#[test]
fn c35_before_a_savepoint_no_answer_is_a_no() {
    #[transactional(crate = crate)]
    fn goes_on(tx: Tx<'_>) -> Result<(), TestError> {
        let doubtful = work(&mut tx, "INSERT 1");
        assert_eq!(doubtful, Err(FakeError(Fault::Doubtful)));
        let refused = nested(&mut tx).expect_err("no savepoint");
        assert!(
            matches!(refused, TestError::Transaction(Error::Savepoint { .. })),
            "{refused:?}"
        );
        Ok(())
    }
    let pool = FakePool::default();
    pool.fails("INSERT 1", Fault::Doubtful)
        .fails("alive?", Fault::Unknown);
    goes_on(&pool).expect_err("it may have ended");
    let log = ["1: BEGIN", "1: INSERT 1", "1: alive?", "1: ROLLBACK"];
    assert_eq!(pool.log()[..4], log);
}

#[test]
fn c10_outside_of_a_transaction_nothing_is_asked() {
    #[transactional(crate = crate, propagation = supports)]
    fn outside(tx: crate::Session<'_, FakeConnection>) -> Result<(), TestError> {
        let mut tx: Tx<'_> = tx.reborrow();
        unseen(&mut tx, "copy")?;
        Ok(work(&mut tx, "CALL p()")?)
    }
    let pool = FakePool::default();
    outside(&pool).expect("nothing fails");
    assert_eq!(pool.log(), ["1: copy", "1: CALL p()", "1: back"]);
}
