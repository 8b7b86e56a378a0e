//! `before_commit` checks that go wrong: one that waits for its own transaction, one that takes too long, one that panics.

use std::time::Duration;

use sqlx::Pool;
use txkit::{Error, transactional};

use super::world::{World, add};
use super::{Driver, Tx};
use crate::support::{Failure, Tally, bounded, parties};

fn count(tx: &mut Tx<'_>, tally: Tally) {
    tx.after_commit(move || tally.committed.add());
    tx.after_rollback(move |_| tally.rolled_back.add());
    tx.after_unknown(move || tally.unknown.add());
}

/// It was rolled back, and so said its hooks.
async fn check(world: &World, tally: &Tally, when: &str) {
    world.assert_clean(when).await;
    assert_eq!(world.rows().await, [0; 4], "{when}");
    let hooks = [&tally.committed, &tally.rolled_back, &tally.unknown].map(|count| count.get());
    assert_eq!(hooks, [0, 1, 0], "{when}: committed, rolled back, unknown");
}

#[transactional]
async fn independent(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await
}

#[transactional]
async fn calls_on_the_pool(tx: Tx<'_>, pool: Pool<Driver>, tally: Tally) -> Result<(), Failure> {
    count(&mut tx, tally);
    add(&mut tx, 1).await?;
    tx.before_commit(move |_| {
        Box::pin(async move { independent(&pool).await.map_err(Into::into) })
    });
    Ok(())
}

#[tokio::test]
async fn a_check_that_waits_for_its_own_transactions_lock() {
    let (world, tally) = (World::new(2).await, Tally::default());
    let call = calls_on_the_pool(&world.pool, world.pool.clone(), tally.clone());
    let error = bounded("the call", call).await.expect_err("two writers");
    let Failure::Tx(error @ Error::BeforeCommit { source, .. }) = &error else {
        panic!("{error:?}")
    };
    let inner = source.downcast_ref::<Failure>().and_then(Failure::tx);
    assert!(
        matches!(inner, Some(Error::SelfDeadlock { .. })),
        "{error:?}"
    );
    let names = inner.and_then(parties);
    assert_eq!(names, Some(("independent", "calls_on_the_pool")));
    check(&world, &tally, "after a check on the pool").await;
}

#[transactional(timeout = "500ms", retry(attempts = 3, base = "1ms"))]
async fn waits(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    count(&mut tx, tally);
    add(&mut tx, 1).await?;
    tx.before_commit(|_| Box::pin(std::future::pending()));
    Ok(())
}

/// It keeps its thread, so that no one can interrupt it, and succeeds when the time is over.
#[transactional(timeout = "500ms", retry(attempts = 3, base = "1ms"))]
async fn works(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    count(&mut tx, tally);
    add(&mut tx, 1).await?;
    tx.before_commit(|_| {
        Box::pin(async {
            std::thread::sleep(Duration::from_millis(600));
            Ok(())
        })
    });
    Ok(())
}

#[tokio::test]
async fn a_check_that_does_not_end() {
    let (world, tally) = (World::new(1).await, Tally::default());
    let call = bounded("the call", waits(&world.pool, tally.clone()));
    let error = call.await.expect_err("it takes too long");
    assert!(
        matches!(&error, Failure::Tx(Error::Timeout { .. })),
        "{error:?}"
    );
    check(&world, &tally, "after a check that does not end").await;
}

#[tokio::test]
async fn a_check_that_ends_too_late() {
    let (world, tally) = (World::new(1).await, Tally::default());
    let call = bounded("the call", works(&world.pool, tally.clone()));
    let error = call.await.expect_err("it takes too long");
    assert!(
        matches!(&error, Failure::Tx(Error::Timeout { .. })),
        "{error:?}"
    );
    check(&world, &tally, "after a check that ends too late").await;
}

#[transactional]
async fn panics(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    count(&mut tx, tally);
    add(&mut tx, 1).await?;
    tx.before_commit(|_| Box::pin(async { panic!("the check's panic") }));
    Ok(())
}

#[tokio::test]
async fn a_check_that_panics() {
    let (world, tally) = (World::new(1).await, Tally::default());
    let (pool, counts) = (world.pool.clone(), tally.clone());
    let panicked = tokio::spawn(async move { panics(&pool, counts).await });
    let panic = bounded("the call", panicked)
        .await
        .unwrap_err()
        .into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"the check's panic"));
    check(&world, &tally, "after a panic in a check").await;
}
