//! What ends a MariaDB transaction unseen: a procedure that commits; and what ends nothing, because nothing is open.

use txkit::transactional;

use super::world::{World, add};
use super::{Session, Tx};
use crate::support::{Failure, Tally, bounded};

const DEADLOCK: &str = "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock'";

/// With a procedure whose text no one can see who calls it.
async fn world() -> World {
    let world = World::new(1).await;
    sqlx::raw_sql("CREATE PROCEDURE hidden() COMMIT")
        .execute(&mut world.outsider().await)
        .await
        .unwrap();
    world
}

fn count(tx: &mut Tx<'_>, tally: Tally) {
    tally.body.add();
    tx.after_commit(move || tally.committed.add());
    tx.after_rollback(move |_| tally.rolled_back.add());
}

#[transactional(retry(attempts = 3, base = "1ms"))]
async fn conflicts(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    count(&mut tx, tally);
    add(&mut tx, 1).await?;
    sqlx::raw_sql("CALL hidden()").execute(&mut tx).await?;
    sqlx::raw_sql(DEADLOCK).execute(&mut tx).await?;
    Ok(())
}

#[transactional(retry(attempts = 3, base = "1ms"))]
async fn goes_on(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    count(&mut tx, tally);
    add(&mut tx, 1).await?;
    // The call itself may be what is refused.
    let _swallowed = sqlx::raw_sql("CALL hidden()").execute(&mut tx).await;
    let refused = add(&mut tx, 2).await.expect_err("autocommitted");
    Err(refused)
}

async fn check(world: &World, result: Result<(), Failure>, tally: &Tally) {
    let error = result.expect_err("a false `Ok`");
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::PartlyCommitted { .. })),
        "{error:?}"
    );
    let hooks = (tally.committed.get(), tally.rolled_back.get());
    assert_eq!((tally.body.get(), hooks), (1, (0, 0)));
    assert_eq!(world.rows().await, [1, 0, 0, 0]);
    world.assert_clean("after a partial commit").await;
}

#[tokio::test]
async fn a_conflict_after_a_procedure_that_commits_is_not_retried() {
    let (world, tally) = (world().await, Tally::default());
    let result = bounded("the call", conflicts(&world.pool, tally.clone())).await;
    check(&world, result, &tally).await;
}

#[tokio::test]
async fn nothing_is_autocommitted_after_a_procedure_that_commits() {
    let (world, tally) = (world().await, Tally::default());
    let result = bounded("the call", goes_on(&world.pool, tally.clone())).await;
    check(&world, result, &tally).await;
}

#[transactional(propagation = not_supported)]
async fn outside(tx: Session<'_>) -> Result<(), Failure> {
    let conflict = sqlx::raw_sql(DEADLOCK).execute(&mut tx).await.unwrap_err();
    assert_eq!(Failure::Db(conflict).code().as_deref(), Some("40001"));
    sqlx::query("UPDATE acc SET n = n + 1 WHERE id = 1")
        .execute(&mut tx)
        .await?;
    Ok(())
}

/// There was no transaction that the deadlock could have ended.
#[tokio::test]
async fn a_session_outside_a_transaction_goes_on_after_a_deadlock() {
    let world = World::new(1).await;
    bounded("the call", outside(&world.pool)).await.unwrap();
    assert_eq!(world.rows().await, [1, 0, 0, 0]);
    world.assert_clean("after a session").await;
}
