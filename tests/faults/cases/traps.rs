//! Traps of the driver on every engine: what it does by itself, and what txkit makes of the same program.

use sqlx::Connection as _;
use txkit::transactional;

use super::world::{World, add, raw_add};
use super::{Connection, ONE_WRITER, SLOW_UPDATE, Tx};
use crate::support::{Failure, Moment, bounded, drop_after};

/// FACTS 2: a cancelled `begin()` for a savepoint rolls back the transaction around it, whose handle then autocommits.
#[tokio::test]
async fn trap2_bare_driver_a_cancelled_savepoint_rolls_back_the_transaction_around_it() {
    let world = World::wired(1).await;
    // SQLite's thread may be quicker than the poll: then again.
    for _try in 0..1_000 {
        let mut outer = world.pool.begin().await.unwrap();
        raw_add(&mut outer, 1).await.unwrap();
        if drop_after(1, Moment::Pending, outer.begin())
            .await
            .is_some()
        {
            continue;
        }
        raw_add(&mut outer, 2).await.unwrap();
        let committed = outer.commit().await.is_ok();
        let rows = world.rows().await;
        assert_eq!((committed, rows), (true, [0, 1, 0, 0]), "the trap is gone");
        return;
    }
    panic!("the savepoint was never cancelled");
}

#[transactional(propagation = nested)]
async fn savepoint(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 3).await
}

#[transactional]
async fn around(tx: Tx<'_>, polls: usize, moment: Moment) -> Result<bool, Failure> {
    add(&mut tx, 1).await?;
    let ended = drop_after(polls, moment, savepoint(&mut tx))
        .await
        .is_some();
    let after = add(&mut tx, 2).await;
    assert!(
        ended || after.is_ok() || tx.is_rollback_only(),
        "refused without a reason: {after:?}"
    );
    Ok(ended)
}

#[tokio::test]
async fn trap2_txkit_a_cancelled_savepoint_ends_nothing_behind_its_back() {
    let world = World::wired(1).await;
    for moment in [Moment::Pending, Moment::Woken] {
        let mut ended = false;
        for polls in 1..100 {
            let when = format!("the savepoint dropped after poll {polls} ({moment:?})");
            let result = bounded(&when, around(&world.pool, polls, moment)).await;
            world.assert_clean(&when).await;
            ended = matches!(result, Ok(true));
            let expected = if ended { [1, 1, 1, 0] } else { [0; 4] };
            assert_eq!(world.rows().await, expected, "{when}: {result:?}");
            assert_eq!(result.is_ok(), ended, "{when}: `Ok` without a commit");
            world.reset().await;
            if ended {
                assert!(polls > 1 || !world.is_wired(), "it was never cancelled");
                break;
            }
        }
        assert!(ended, "the savepoint never ended");
    }
}

/// More, measured: a helper's own `begin()` and `commit()` end the transaction that was begun by raw SQL.
async fn helper(connection: &mut Connection) -> Result<(), sqlx::Error> {
    let mut own = connection.begin().await?;
    raw_add(&mut own, 2).await?;
    own.commit().await
}

#[tokio::test]
async fn helper_bare_driver_commits_the_transaction_begun_by_raw_sql() {
    let world = World::new(1).await;
    let mut connection = world.pool.acquire().await.unwrap();
    sqlx::raw_sql("BEGIN")
        .execute(&mut *connection)
        .await
        .unwrap();
    raw_add(&mut connection, 1).await.unwrap();
    let helped = helper(&mut connection).await;
    let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
    // SQLite alone refuses to begin twice.
    let expected = if ONE_WRITER {
        (false, [0; 4])
    } else {
        (true, [1, 1, 0, 0])
    };
    assert_eq!(
        (helped.is_ok(), world.rows().await),
        expected,
        "the trap is gone"
    );
}

#[transactional]
async fn helped(tx: Tx<'_>, fail: bool) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.with_conn(helper).await?;
    add(&mut tx, 3).await?;
    if fail {
        Err(Failure::Body("after all"))
    } else {
        Ok(())
    }
}

#[transactional]
async fn helped_drop_in(conn: &mut Connection, fail: bool) -> Result<(), Failure> {
    raw_add(conn, 1).await?;
    helper(conn).await?;
    raw_add(conn, 3).await?;
    if fail {
        Err(Failure::Body("after all"))
    } else {
        Ok(())
    }
}

#[tokio::test]
async fn helper_txkit_nests_in_the_transaction() {
    let world = World::new(1).await;
    helped(&world.pool, true).await.unwrap_err();
    world.assert_clean("after a rollback around a helper").await;
    assert_eq!(world.rows().await, [0; 4]);
    helped(&world.pool, false).await.unwrap();
    world.assert_clean("after a commit around a helper").await;
    assert_eq!(world.rows().await, [1, 1, 1, 0]);
}

#[tokio::test]
async fn helper_txkit_nests_in_a_drop_in() {
    let world = World::new(1).await;
    let mut connection = world.pool.acquire().await.unwrap();
    helped_drop_in(&mut connection, true).await.unwrap_err();
    assert_eq!(world.rows().await, [0; 4]);
    helped_drop_in(&mut connection, false).await.unwrap();
    assert_eq!(world.rows().await, [1, 1, 1, 0]);
    drop(connection);
    world.assert_clean("after drop-ins").await;
}

/// c76: the caller gave up on the statement, which was on its way.
#[tokio::test]
async fn abandoned_bare_driver_the_statement_is_executed_and_committed() {
    let world = World::wired(1).await;
    let mut outer = world.pool.begin().await.unwrap();
    let update = sqlx::raw_sql(SLOW_UPDATE).execute(&mut *outer);
    assert!(
        drop_after(1, Moment::Pending, update).await.is_none(),
        "it was not waited for"
    );
    raw_add(&mut outer, 2).await.unwrap();
    outer.commit().await.unwrap();
    assert_eq!(world.rows().await, [1, 1, 0, 0], "the trap is gone");
}

#[transactional]
async fn gives_up(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 2).await?;
    let update = sqlx::raw_sql(SLOW_UPDATE).execute(&mut tx);
    assert!(
        drop_after(1, Moment::Pending, update).await.is_none(),
        "it was not waited for"
    );
    assert!(tx.is_rollback_only());
    let refused = add(&mut tx, 3).await.unwrap_err();
    assert!(
        matches!(refused.tx(), Some(txkit::Error::Ended { .. })),
        "{refused:?}"
    );
    Ok(())
}

#[tokio::test]
async fn abandoned_txkit_poisons_the_transaction() {
    let world = World::new(1).await;
    let error = bounded("the call", gives_up(&world.pool))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Failure::Tx(txkit::Error::Poisoned { .. })),
        "{error:?}"
    );
    world.assert_clean("after an abandoned statement").await;
    assert_eq!(world.rows().await, [0; 4]);
    add_once(&world.pool).await.unwrap();
    assert_eq!(world.rows().await, [1, 0, 0, 0]);
}

#[transactional]
async fn add_once(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await
}

/// A statement whose answer had come, though nobody read it, is no less in doubt.
#[transactional]
async fn gives_up_at(tx: Tx<'_>, polls: usize, moment: Moment) -> Result<bool, Failure> {
    add(&mut tx, 2).await?;
    Ok(drop_after(polls, moment, add(&mut tx, 1)).await.is_some())
}

#[tokio::test]
async fn c76_a_statement_dropped_after_every_poll() {
    let world = World::new(1).await;
    for (moment, polls) in [Moment::Pending, Moment::Woken]
        .into_iter()
        .flat_map(|m| (1..20).map(move |n| (m, n)))
    {
        let when = format!("the statement dropped after poll {polls} ({moment:?})");
        let result = bounded(&when, gives_up_at(&world.pool, polls, moment)).await;
        world.assert_clean(&when).await;
        let expected = if matches!(result, Ok(true)) {
            [1, 1, 0, 0]
        } else {
            [0; 4]
        };
        assert_eq!(world.rows().await, expected, "{when}: {result:?}");
        assert!(
            !matches!(result, Ok(false)),
            "{when}: committed with a statement in doubt"
        );
        world.reset().await;
    }
}

/// A connection that was ping-ponged through all of this still answers.
#[tokio::test]
async fn a_closed_pool_is_an_error_before_the_body() {
    let world = World::new(1).await;
    world.pool.acquire().await.unwrap().ping().await.unwrap();
    world.pool.close().await;
    let error = add_once(&world.pool).await.unwrap_err();
    assert!(
        matches!(error, Failure::Tx(txkit::Error::Acquire { .. })),
        "{error:?}"
    );
}
