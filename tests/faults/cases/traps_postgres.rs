//! PostgreSQL's traps: what the driver does by itself, and what txkit makes of the same program.

use sqlx::Connection as _;
use txkit::transactional;
use txkit_tests::TestDatabase as _;

use super::world::{World, add, raw_add};
use super::{Db, IN_TRANSACTION, Tx};
use crate::support::{Failure, Moment, drop_after};

const TWICE: &str = "INSERT INTO acc VALUES (1, 0)";

/// FACTS 1: COMMIT answers ROLLBACK, and the driver says `Ok`.
#[tokio::test]
async fn trap1_bare_driver_says_ok_to_a_commit_that_rolled_back() {
    let world = World::new(1).await;
    let mut tx = world.pool.begin().await.unwrap();
    raw_add(&mut tx, 1).await.unwrap();
    let _swallowed = sqlx::query(TWICE).execute(&mut *tx).await.unwrap_err();
    tx.commit().await.expect("the trap is gone");
    assert_eq!(world.rows().await, [0; 4], "the trap is gone");
}

#[transactional]
async fn swallows(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    let _swallowed = sqlx::query(TWICE).execute(&mut tx).await.unwrap_err();
    Ok(())
}

#[transactional]
async fn swallows_unseen(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.with_conn(async |conn: &mut super::Connection| {
        let _swallowed = sqlx::query(TWICE).execute(conn).await.unwrap_err();
        Ok(())
    })
    .await?;
    Ok(())
}

#[transactional]
async fn swallows_in_a_drop_in(conn: &mut super::Connection) -> Result<(), Failure> {
    raw_add(conn, 1).await?;
    let _swallowed = sqlx::query(TWICE).execute(&mut *conn).await.unwrap_err();
    Ok(())
}

#[tokio::test]
async fn trap1_txkit_says_poisoned_and_why() {
    let world = World::new(1).await;
    let error = swallows(&world.pool).await.unwrap_err();
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::Poisoned { .. })),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("duplicate key"),
        "the first cause is lost: {error}"
    );
    world.assert_clean("after a poisoned transaction").await;
    assert_eq!(world.rows().await, [0; 4]);
}

#[tokio::test]
async fn trap1_txkit_also_when_the_connection_was_lent() {
    let world = World::new(1).await;
    swallows_unseen(&world.pool)
        .await
        .expect_err("a false `Ok`");
    world.assert_clean("after a poisoned transaction").await;
    let mut connection = world.pool.acquire().await.unwrap();
    swallows_in_a_drop_in(&mut connection)
        .await
        .expect_err("a false `Ok`");
    drop(connection);
    world.assert_clean("after a poisoned drop-in").await;
    assert_eq!(world.rows().await, [0; 4]);
}

/// The first row is there, the error that follows it is never read: only the verified COMMIT can tell.
#[transactional]
async fn reads_no_further(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    let mut rows = sqlx::query("SELECT 1 / (3 - x) FROM generate_series(1, 3) x").fetch(&mut tx);
    let first = std::future::poll_fn(|cx| rows.as_mut().poll_next(cx)).await;
    first.expect("a row").expect("the first row");
    Ok(())
}

#[tokio::test]
async fn trap1_txkit_also_when_the_rest_of_a_result_was_not_read() {
    let world = World::new(1).await;
    reads_no_further(&world.pool)
        .await
        .expect_err("a false `Ok`");
    world.assert_clean("after an unread error").await;
    assert_eq!(world.rows().await, [0; 4]);
}

/// FACTS 2, the other half: a savepoint that fails.
#[tokio::test]
async fn trap2_bare_driver_a_failed_savepoint_makes_the_outer_transaction_autocommit() {
    let world = World::new(1).await;
    let mut outer = world.pool.begin().await.unwrap();
    raw_add(&mut outer, 1).await.unwrap();
    let _swallowed = sqlx::query(TWICE).execute(&mut *outer).await.unwrap_err();
    outer.begin().await.map(drop).unwrap_err();
    raw_add(&mut outer, 2).await.unwrap();
    outer.commit().await.expect("the trap is gone");
    assert_eq!(world.rows().await, [0, 1, 0, 0], "the trap is gone");
}

#[transactional(propagation = nested)]
async fn savepoint(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 3).await
}

#[transactional]
async fn outer(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    let _swallowed = sqlx::query(TWICE).execute(&mut tx).await.unwrap_err();
    let failed = savepoint(&mut tx).await.unwrap_err();
    assert!(
        matches!(failed, Failure::Tx(txkit::Error::Savepoint { .. })),
        "{failed:?}"
    );
    add(&mut tx, 2).await.expect_err("autocommitted");
    Ok(())
}

#[tokio::test]
async fn trap2_txkit_a_failed_savepoint_leaves_the_outer_transaction_alone() {
    let world = World::new(1).await;
    let error = outer(&world.pool).await.unwrap_err();
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::Poisoned { .. })),
        "{error:?}"
    );
    world.assert_clean("after a failed savepoint").await;
    assert_eq!(world.rows().await, [0; 4]);
}

/// FACTS 3: the next borrower gets an open transaction.
#[tokio::test]
async fn trap3_bare_driver_a_cancelled_begin_is_handed_to_the_next_borrower() {
    let world = World::wired(1).await;
    let mut first = world.pool.acquire().await.unwrap();
    assert!(
        drop_after(1, Moment::Pending, first.begin())
            .await
            .is_none(),
        "it was not waited for"
    );
    drop(first);
    let mut next = world.pool.acquire().await.unwrap();
    let session = Db::session(&mut next).await;
    assert_eq!(
        session[IN_TRANSACTION.0], IN_TRANSACTION.1,
        "the trap is gone"
    );
}

#[transactional]
async fn one_row(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await
}

#[tokio::test]
async fn trap3_txkit_rolls_a_cancelled_begin_back() {
    let world = World::wired(1).await;
    for polls in 1..8 {
        for moment in [Moment::Pending, Moment::Woken] {
            let _ended = drop_after(polls, moment, one_row(&world.pool)).await;
            let mut next = world.pool.acquire().await.unwrap();
            let session = Db::session(&mut next).await;
            assert_ne!(
                session[IN_TRANSACTION.0], IN_TRANSACTION.1,
                "dropped after poll {polls}"
            );
        }
    }
}

/// c77: a begin that fails after its BEGIN.
#[tokio::test]
async fn batch_bare_driver_a_half_failed_begin_poisons_the_pool() {
    let world = World::new(1).await;
    let begun = world
        .pool
        .begin_with("BEGIN; SET LOCAL unknown_setting = 1")
        .await;
    assert!(begun.is_err());
    drop(begun);
    let next = sqlx::query("SELECT 1")
        .execute(&world.pool)
        .await
        .expect_err("the trap is gone");
    let code = next
        .as_database_error()
        .and_then(|error| error.code())
        .map(Into::<String>::into);
    assert_eq!(code.as_deref(), Some("25P02"));
}
