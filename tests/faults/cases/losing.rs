//! c05, c06, c56 and c73: connections that break, at every point, and what the caller may believe then.

use txkit::transactional;
use txkit_tests::TestDatabase as _;
use txkit_tests::wire::{Fault, Proxy};

use super::world::{World, add};
use super::{BEGIN, Connection, Db, ME, Tx, kill, living, proxy, through};
use crate::support::{Failure, Observed, Tally, bounded, eventually};

async fn behind_a_proxy() -> (World, Proxy) {
    let db = Db::create().await;
    let proxy = proxy(&db).await;
    let options = through(&db, &proxy);
    (World::on(db, options, 1).await, proxy)
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Ok,
    Err,
    Panic,
}

#[transactional(retry(attempts = 4, base = "1ms"))]
async fn two_rows(tx: Tx<'_>, end: End, tally: Tally) -> Result<(), Failure> {
    let Tally {
        body,
        committed,
        rolled_back,
        unknown,
    } = tally;
    body.add();
    tx.after_commit(move || committed.add());
    tx.after_rollback(move |_| rolled_back.add());
    tx.after_unknown(move || unknown.add());
    add(&mut tx, 1).await?;
    add(&mut tx, 2).await?;
    match end {
        End::Ok => Ok(()),
        End::Err => Err(Failure::Body("after all")),
        End::Panic => panic!("after all"),
    }
}

/// `Ok` implies stored, an error other than unknown implies not stored, nothing runs twice, the pool goes on.
async fn cut(statement: &str, fault: Fault) {
    let ((world, proxy), tally, when) = (
        behind_a_proxy().await,
        Tally::default(),
        format!("{fault:?} at {statement}"),
    );
    proxy.on(statement, fault);
    let result = bounded(&when, two_rows(&world.pool, End::Ok, tally.clone())).await;
    world.assert_clean(&when).await;
    let (rows, error) = (
        world.rows().await,
        result.expect_err("the connection broke"),
    );
    assert!(
        rows[0] == rows[1] && rows[0] < 2,
        "{when}: half of it, or more, was stored: {rows:?}"
    );
    assert!(
        error.is_unknown() || rows[0] == 0,
        "{when}: stored, and the caller was told {error:?}"
    );
    assert_eq!(
        error.is_unknown(),
        statement == "COMMIT",
        "{when}: {error:?}"
    );
    let (committed, lost) = (
        tally.committed.get(),
        tally.rolled_back.get() + tally.unknown.get(),
    );
    assert_eq!((committed, lost), (0, tally.body.get()), "{when}: hooks");
    assert!(
        tally.body.get() < 2,
        "{when}: a lost connection is not worth another attempt"
    );
    two_rows(&world.pool, End::Ok, Tally::default())
        .await
        .expect("the next transaction works");
    world.assert_clean("the next transaction").await;
}

#[tokio::test]
async fn c73_cut_before_each_statement() {
    for statement in [BEGIN, "id = 1", "id = 2", "COMMIT"] {
        cut(statement, Fault::CutBefore).await;
    }
}

#[tokio::test]
async fn c73_each_answer_lost() {
    for statement in [BEGIN, "id = 1", "id = 2", "COMMIT"] {
        cut(statement, Fault::LoseAnswer).await;
    }
}

#[tokio::test]
async fn c56_the_answer_to_commit_is_lost() {
    let ((world, proxy), tally) = (behind_a_proxy().await, Tally::default());
    proxy.on("COMMIT", Fault::LoseAnswer);
    let error = bounded("the call", two_rows(&world.pool, End::Ok, tally.clone()))
        .await
        .unwrap_err();
    assert!(error.is_unknown(), "{error:?}");
    let hooks = (
        tally.committed.get(),
        tally.rolled_back.get(),
        tally.unknown.get(),
    );
    assert_eq!((tally.body.get(), hooks), (1, (0, 0, 1)));
    world.assert_clean("after a lost answer").await;
    assert_eq!(world.rows().await, [1, 1, 0, 0], "the server had committed");
}

#[tokio::test]
async fn c05_the_rollback_fails_and_the_bodys_error_comes_out() {
    for fault in [Fault::CutBefore, Fault::LoseAnswer] {
        let (world, proxy) = behind_a_proxy().await;
        let observed = Observed::of(concat!(module_path!(), "::rolled_back_in_vain"));
        proxy.on("ROLLBACK", fault);
        let error = bounded("the call", rolled_back_in_vain(&world.pool))
            .await
            .unwrap_err();
        assert!(
            matches!(error, Failure::Body("after all")),
            "masked by {error:?}"
        );
        assert_eq!(observed.count("RollbackFailed"), 1);
        world.assert_clean("after a failed rollback").await;
        assert_eq!(world.rows().await, [0; 4]);
    }
}

#[transactional]
async fn rolled_back_in_vain(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    Err(Failure::Body("after all"))
}

#[tokio::test]
async fn c06_the_rollback_fails_and_the_panic_goes_on() {
    let ((world, proxy), tally) = (behind_a_proxy().await, Tally::default());
    proxy.on("ROLLBACK", Fault::CutBefore);
    let (pool, ours) = (world.pool.clone(), tally.clone());
    let panicked = tokio::spawn(async move { two_rows(&pool, End::Panic, ours).await });
    let panic = bounded("the call", panicked)
        .await
        .unwrap_err()
        .into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"after all"));
    assert_eq!((tally.body.get(), tally.rolled_back.get()), (1, 1));
    world.assert_clean("after a failed rollback").await;
    assert_eq!(world.rows().await, [0; 4]);
}

#[tokio::test]
async fn c05_an_error_without_trouble_is_the_bodys_own() {
    let ((world, _proxy), tally) = (behind_a_proxy().await, Tally::default());
    let error = two_rows(&world.pool, End::Err, tally.clone())
        .await
        .unwrap_err();
    assert!(matches!(error, Failure::Body("after all")), "{error:?}");
    assert_eq!((tally.body.get(), tally.rolled_back.get()), (1, 1));
}

/// Kills the session it runs in, and waits until the server has let go of it.
async fn killed(tx: &mut Tx<'_>, mut administrator: Connection) -> Result<(), Failure> {
    let me: i64 = sqlx::query_scalar(ME).fetch_one(&mut *tx).await?;
    let _ = sqlx::raw_sql(sqlx::AssertSqlSafe(kill(me)))
        .execute(&mut administrator)
        .await;
    eventually("the end of the session", async || {
        let left = sqlx::query_scalar(sqlx::AssertSqlSafe(living(me)))
            .fetch_one(&mut administrator)
            .await;
        left.unwrap_or(1_i64) == 0
    })
    .await;
    Ok(())
}

#[transactional(retry(attempts = 3, base = "1ms"))]
async fn killed_on_the_way(
    tx: Tx<'_>,
    world: std::sync::Arc<World>,
    go_on: bool,
    tally: Tally,
) -> Result<(), Failure> {
    tally.body.add();
    add(&mut tx, 1).await?;
    killed(&mut tx, world.db.administrator().await).await?;
    if go_on {
        add(&mut tx, 2).await.expect_err("the session is gone");
        add(&mut tx, 3).await.expect_err("the session is gone");
    }
    Ok(())
}

#[tokio::test]
async fn c73_killed_in_mid_transaction() {
    for go_on in [true, false] {
        let (world, tally) = (std::sync::Arc::new(World::new(1).await), Tally::default());
        let call = killed_on_the_way(&world.pool, world.clone(), go_on, tally.clone());
        let error = bounded("the call", call).await.expect_err("a false `Ok`");
        assert!(
            !go_on || !error.is_unknown(),
            "COMMIT was never sent: {error:?}"
        );
        assert_eq!(
            tally.body.get(),
            1,
            "a lost connection is not worth another attempt"
        );
        world.assert_clean("after a killed session").await;
        assert_eq!(world.rows().await, [0; 4]);
        two_rows(&world.pool, End::Ok, Tally::default())
            .await
            .expect("the next transaction works");
    }
}

#[transactional(propagation = nested)]
async fn savepoint(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 2).await
}

#[transactional]
async fn around(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    let _swallowed = savepoint(&mut tx).await;
    let _refused = add(&mut tx, 3).await;
    Ok(())
}

#[tokio::test]
async fn c38_a_savepoint_whose_connection_breaks() {
    for statement in ["SAVEPOINT txk_1", "RELEASE SAVEPOINT txk_1"] {
        for fault in [Fault::CutBefore, Fault::LoseAnswer] {
            let (world, proxy) = behind_a_proxy().await;
            proxy.on(statement, fault);
            let error = bounded("the call", around(&world.pool))
                .await
                .expect_err("a false `Ok`");
            assert!(!error.is_unknown(), "COMMIT was never sent: {error:?}");
            world.assert_clean(statement).await;
            assert_eq!(world.rows().await, [0; 4]);
        }
    }
}
