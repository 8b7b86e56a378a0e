//! c78: an independent transaction that waits for a lock which its own suspended caller holds.

use txkit::transactional;

use super::world::{World, add};
use super::{Session, Tx};
use crate::support::{Failure, Tally, bounded, parties};

#[transactional]
async fn outer(tx: Tx<'_>, tally: Tally) -> Result<Failure, Failure> {
    add(&mut tx, 1).await?;
    let refused = inner(&mut tx, tally).await.expect_err("the row is locked");
    add(&mut tx, 2).await?;
    Ok(refused)
}

#[transactional(propagation = requires_new, lock_timeout = "1s", retry(attempts = 5, base = "1ms"))]
async fn inner(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    tally.body.add();
    add(&mut tx, 1).await
}

#[tokio::test]
async fn c78_names_both_and_is_not_retried() {
    let (world, tally) = (World::new(2).await, Tally::default());
    let refused = bounded("the call", outer(&world.pool, tally.clone()))
        .await
        .unwrap();
    let Failure::Tx(error @ txkit::Error::SelfDeadlock { .. }) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(parties(error), Some(("inner", "outer")));
    assert_eq!(tally.body.get(), 1, "running it again cannot help");
    world.assert_clean("after a self-deadlock").await;
    assert_eq!(
        world.rows().await,
        [1, 1, 0, 0],
        "the outer transaction goes on"
    );
}

#[transactional]
async fn patient_outer(tx: Tx<'_>) -> Result<Failure, Failure> {
    add(&mut tx, 1).await?;
    Ok(inner_without_a_limit(&mut tx)
        .await
        .expect_err("the row is locked"))
}

#[transactional(propagation = requires_new)]
async fn inner_without_a_limit(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await
}

#[tokio::test]
async fn c78_the_wait_is_finite_where_none_is_declared() {
    let world = World::new(2).await;
    let refused = bounded("the call", patient_outer(&world.pool))
        .await
        .unwrap();
    let Failure::Tx(error @ txkit::Error::SelfDeadlock { .. }) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(
        parties(error),
        Some(("inner_without_a_limit", "patient_outer"))
    );
    world.assert_clean("after a self-deadlock").await;
}

#[transactional]
async fn waits_for_a_session(tx: Tx<'_>) -> Result<Failure, Failure> {
    add(&mut tx, 1).await?;
    Ok(outside(&mut tx).await.expect_err("the row is locked"))
}

#[transactional(propagation = not_supported)]
async fn outside(session: Session<'_>) -> Result<(), Failure> {
    let update = "UPDATE acc SET n = n + 1 WHERE id = 1";
    sqlx::query(update).execute(&mut session).await?;
    Ok(())
}

#[tokio::test]
async fn r22_a_session_beside_its_suspended_caller_does_not_wait_for_ever() {
    let world = World::new(2).await;
    let refused = bounded("the call", waits_for_a_session(&world.pool))
        .await
        .unwrap();
    let conflict = txkit::find_conflict(&refused);
    assert_eq!(conflict, Some(txkit::Conflict::LockTimeout), "{refused:?}");
    world.assert_clean("after a session's lock timeout").await;
    assert_eq!(world.rows().await, [1, 0, 0, 0]);
}

#[transactional]
async fn parent(tx: Tx<'_>) -> Result<Failure, Failure> {
    sqlx::query("INSERT INTO acc VALUES (9, 0)")
        .execute(&mut tx)
        .await?;
    Ok(child(&mut tx)
        .await
        .expect_err("the parent is not there yet"))
}

#[transactional(propagation = requires_new, lock_timeout = "1s")]
async fn child(tx: Tx<'_>) -> Result<(), Failure> {
    sqlx::query("INSERT INTO sub VALUES (9)")
        .execute(&mut tx)
        .await?;
    Ok(())
}

/// A foreign key to the outer transaction's uncommitted row: PostgreSQL says at once that it is not there, MariaDB waits.
#[tokio::test]
async fn c78_a_foreign_key_to_an_uncommitted_row() {
    let world = World::new(2).await;
    let table = "CREATE TABLE sub (id BIGINT PRIMARY KEY, FOREIGN KEY (id) REFERENCES acc (id))";
    sqlx::raw_sql(table).execute(&world.pool).await.unwrap();
    let refused = bounded("the call", parent(&world.pool)).await.unwrap();
    let deadlock = refused.tx().and_then(parties) == Some(("child", "parent"));
    let missing = refused.code().as_deref() == Some("23503");
    assert!(deadlock || missing, "{refused:?}");
    world.assert_clean("after a foreign key").await;
}

/// A lock that someone else holds is a conflict like any other, and retried, as long as the outer one did nothing yet.
#[transactional]
async fn idle_outer(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    inner(&mut tx, tally).await
}

#[tokio::test]
async fn c78_an_outer_transaction_without_locks_is_not_blamed() {
    let (world, tally) = (World::new(2).await, Tally::default());
    let mut holder = world.outsider().await;
    sqlx::raw_sql("BEGIN; UPDATE acc SET n = n + 1 WHERE id = 1")
        .execute(&mut holder)
        .await
        .unwrap();
    let error = bounded("the call", idle_outer(&world.pool, tally.clone()))
        .await
        .unwrap_err();
    assert!(
        !matches!(error.tx(), Some(txkit::Error::SelfDeadlock { .. })),
        "{error:?}"
    );
    assert_eq!(tally.body.get(), 5, "a lock timeout is retried");
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut holder)
        .await
        .unwrap();
}
