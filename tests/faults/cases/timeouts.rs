//! c72, c75 and R12: the three time limits, each for itself, and nothing left of them.

use sqlx::{AssertSqlSafe, Executor as _};
use txkit::{Conflict, transactional};
use txkit_tests::TestDatabase as _;

use super::world::{World, add};
use super::{Connection, ENDLESS, ONE_WRITER, SLOW, STATEMENT_TIMEOUT, Tx};
use crate::support::{Failure, Tally, bounded, eventually};

#[transactional(timeout = "200ms", retry(attempts = 3, base = "1ms"))]
async fn idles(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    tally.body.add();
    tx.after_commit(move || tally.committed.add());
    tx.after_rollback(move |why| {
        assert_eq!(why.reason, txkit::Reason::Timeout);
        tally.rolled_back.add();
    });
    add(&mut tx, 1).await?;
    std::future::pending().await
}

#[tokio::test]
async fn c72_a_body_that_does_not_end() {
    let (world, tally) = (World::new(1).await, Tally::default());
    let error = bounded("the call", idles(&world.pool, tally.clone()))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::Timeout { .. })),
        "{error:?}"
    );
    assert!(error.to_string().contains("200ms"), "{error}");
    world.assert_clean("after a timeout").await;
    assert_eq!(
        (
            tally.body.get(),
            tally.committed.get(),
            tally.rolled_back.get()
        ),
        (1, 0, 1)
    );
    assert_eq!(world.rows().await, [0; 4]);
}

#[transactional(timeout = "200ms")]
async fn works_too_long(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.fetch_optional(SLOW).await?;
    Ok(())
}

#[tokio::test]
async fn c72_a_statement_that_takes_too_long() {
    let world = World::new(1).await;
    let error = bounded("the call", works_too_long(&world.pool))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::Timeout { .. })),
        "{error:?}"
    );
    world.assert_clean("after a timeout in a statement").await;
    assert_eq!(world.rows().await, [0; 4]);
}

#[transactional(timeout = "200ms")]
async fn times_out_in_a_joined_call(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    never_ends(&mut tx).await
}

#[transactional]
async fn never_ends(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 2).await?;
    std::future::pending().await
}

#[transactional]
async fn survives_an_inner_timeout(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    let error = short(&mut tx).await.unwrap_err();
    assert!(
        matches!(error.tx(), Some(txkit::Error::Timeout { .. })),
        "{error:?}"
    );
    add(&mut tx, 3).await
}

#[transactional(propagation = nested, timeout = "100ms")]
async fn short(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 2).await?;
    std::future::pending().await
}

#[tokio::test]
async fn c72_joined_and_nested() {
    let world = World::new(1).await;
    let error = bounded("the call", times_out_in_a_joined_call(&world.pool))
        .await
        .unwrap_err();
    assert!(
        matches!(error.tx(), Some(txkit::Error::Timeout { .. })),
        "{error:?}"
    );
    world.assert_clean("after a timeout in a joined call").await;
    assert_eq!(world.rows().await, [0; 4]);
    bounded("the call", survives_an_inner_timeout(&world.pool))
        .await
        .unwrap();
    world.assert_clean("after a timeout in a savepoint").await;
    assert_eq!(world.rows().await, [1, 0, 1, 0]);
}

#[transactional(statement_timeout = "200ms", retry(attempts = 3, base = "1ms"))]
async fn has_an_endless_statement(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    tally.body.add();
    add(&mut tx, 1).await?;
    tx.fetch_optional(ENDLESS).await?;
    Ok(())
}

#[tokio::test]
async fn c75_statement_timeout_ends_the_statement_and_is_not_retried() {
    let (world, tally) = (World::new(1).await, Tally::default());
    let error = bounded(
        "the call",
        has_an_endless_statement(&world.pool, tally.clone()),
    )
    .await
    .unwrap_err();
    assert_eq!(
        error.code().as_deref(),
        Some(STATEMENT_TIMEOUT),
        "{error:?}"
    );
    assert_eq!(tally.body.get(), 1);
    world.assert_clean("after a statement timeout").await;
    assert_eq!(world.rows().await, [0; 4]);
}

#[transactional(lock_timeout = "100ms")]
async fn is_slow_without_a_lock(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.fetch_optional(SLOW).await?;
    Ok(())
}

#[tokio::test]
async fn c75_lock_timeout_is_not_for_slow_statements() {
    let world = World::new(1).await;
    bounded("the call", is_slow_without_a_lock(&world.pool))
        .await
        .unwrap();
    world
        .assert_clean("after a lock timeout that did not strike")
        .await;
    assert_eq!(world.rows().await, [1, 0, 0, 0]);
}

/// Someone else who holds row 1, and on SQLite the write lock.
async fn holder(world: &World) -> Connection {
    let mut holder = world.outsider().await;
    let begin = if ONE_WRITER {
        "BEGIN IMMEDIATE"
    } else {
        "BEGIN"
    };
    let hold = format!("{begin}; UPDATE acc SET n = n + 10 WHERE id = 1");
    sqlx::raw_sql(AssertSqlSafe(hold))
        .execute(&mut holder)
        .await
        .unwrap();
    holder
}

#[transactional(lock_timeout = "1s")]
async fn waits_for_a_lock(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await
}

#[tokio::test]
async fn c75_lock_timeout_ends_a_wait() {
    let world = World::new(1).await;
    let mut holder = holder(&world).await;
    let error = bounded("the call", waits_for_a_lock(&world.pool))
        .await
        .unwrap_err();
    let codes = ["55P03", "HY000", "5"];
    assert!(
        error
            .code()
            .is_some_and(|code| codes.contains(&code.as_str())),
        "{error:?}"
    );
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut holder)
        .await
        .unwrap();
    drop(holder);
    world.assert_clean("after a lock timeout").await;
    assert_eq!(world.rows().await, [0; 4]);
    bounded("the next call", waits_for_a_lock(&world.pool))
        .await
        .unwrap();
}

/// Lock timeouts are conflicts: the call is run again, and succeeds once the lock is free.
#[transactional(
    lock_timeout = "1s",
    retry(attempts = 100, base = "1ms", cap = "5ms", budget = "50s")
)]
async fn waits_again(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    tally.body.add();
    tx.after_rollback(move |why| {
        assert_eq!(why.conflict(), Some(Conflict::LockTimeout));
        tally.rolled_back.add();
    });
    add(&mut tx, 1).await
}

#[tokio::test]
async fn c75_a_lock_timeout_is_retried() {
    let (world, tally) = (World::new(1).await, Tally::default());
    let mut holder = holder(&world).await;
    let (pool, ours) = (world.pool.clone(), tally.clone());
    let observed = crate::support::Observed::of(format!("{}::waits_again", module_path!()));
    let call = tokio::spawn(async move { waits_again(&pool, ours).await });
    eventually("a replay", async || observed.count("Replayed") > 0).await;
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut holder)
        .await
        .unwrap();
    bounded("the call", call).await.unwrap().unwrap();
    assert_eq!(world.rows().await, [1, 0, 0, 0]);
    // SQLite waits at BEGIN, before the body.
    assert_eq!(tally.body.get() > 1, !ONE_WRITER);
    world.assert_clean("after replays").await;
}

#[transactional(timeout = "30s", statement_timeout = "20s", lock_timeout = "10s", isolation = serializable)]
async fn has_all_settings(tx: Tx<'_>, fail: bool) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    if fail {
        Err(Failure::Body("after all"))
    } else {
        Ok(())
    }
}

#[txkit::read_only(statement_timeout = "20s", lock_timeout = "10s")]
async fn has_readers_settings(tx: super::ReadTx<'_>, fail: bool) -> Result<(), Failure> {
    tx.fetch_all("SELECT n FROM acc").await?;
    if fail {
        Err(Failure::Body("after all"))
    } else {
        Ok(())
    }
}

#[tokio::test]
async fn r15_settings_end_with_the_transaction() {
    let world = World::new(1).await;
    for fail in [false, true] {
        let when = format!("after settings, failing: {fail}");
        assert_eq!(has_all_settings(&world.pool, fail).await.is_err(), fail);
        world.assert_clean(&when).await;
        assert_eq!(has_readers_settings(&world.pool, fail).await.is_err(), fail);
        world.assert_clean(&when).await;
    }
}

#[tokio::test]
async fn r15_settings_end_with_the_transaction_on_a_borrowed_connection() {
    let world = World::new(1).await;
    let mut connection = world.outsider().await;
    let before = super::Db::session(&mut connection).await;
    for fail in [false, true] {
        assert_eq!(has_all_settings(&mut connection, fail).await.is_err(), fail);
        assert_eq!(
            has_readers_settings(&mut connection, fail).await.is_err(),
            fail
        );
        let after = super::Db::session(&mut connection).await;
        assert_eq!(
            txkit_tests::changes(&before, &after),
            Vec::<String>::new(),
            "failing: {fail}"
        );
    }
}
