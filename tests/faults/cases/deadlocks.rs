//! c57, c39 and c75: transactions that wait for each other.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;
use txkit::{Conflict, transactional};

use super::world::{World, add};
use super::{STATEMENT_TIMEOUT, Tx};
use crate::support::{Count, Failure, bounded};

#[transactional(retry(attempts = 10, base = "1ms", budget = "50s"))]
async fn crosses(
    tx: Tx<'_>,
    ids: [i64; 2],
    both_hold: Arc<Barrier>,
    bodies: Count,
    lost: Count,
) -> Result<(), Failure> {
    bodies.add();
    tx.after_rollback(move |why| {
        assert_eq!(why.conflict(), Some(Conflict::Deadlock));
        lost.add();
    });
    add(&mut tx, ids[0]).await?;
    if tx.attempt() == 1 {
        both_hold.wait().await;
    }
    add(&mut tx, ids[1]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c57_both_end_committed() {
    let (world, both_hold) = (World::new(2).await, Arc::new(Barrier::new(2)));
    let (bodies, lost) = (Count::default(), Count::default());
    let mut tasks = JoinSet::new();
    for ids in [[1, 2], [2, 1]] {
        let (pool, both_hold, bodies, lost) = (
            world.pool.clone(),
            both_hold.clone(),
            bodies.clone(),
            lost.clone(),
        );
        tasks.spawn(async move { crosses(&pool, ids, both_hold, bodies, lost).await });
    }
    for ended in bounded("the deadlock", tasks.join_all()).await {
        ended.unwrap();
    }
    assert_eq!(
        (bodies.get(), lost.get()),
        (3, 1),
        "one of them was run again"
    );
    assert_eq!(world.rows().await, [2, 2, 0, 0]);
    world.assert_clean("after a deadlock").await;
}

/// The second lock is asked for under a savepoint, whose failure the outer function swallows.
#[transactional(retry(attempts = 10, base = "1ms", budget = "50s"))]
async fn crosses_nested(
    tx: Tx<'_>,
    ids: [i64; 2],
    both_hold: Arc<Barrier>,
    bodies: Count,
) -> Result<(), Failure> {
    bodies.add();
    add(&mut tx, ids[0]).await?;
    if tx.attempt() == 1 {
        both_hold.wait().await;
    }
    let under_a_savepoint = second(&mut tx, ids[1]).await;
    if let Err(error) = under_a_savepoint {
        assert!(
            !error.to_string().to_lowercase().contains("does not exist"),
            "the conflict was masked: {error}"
        );
        add(&mut tx, 3).await?;
    }
    Ok(())
}

#[transactional(propagation = nested)]
async fn second(tx: Tx<'_>, id: i64) -> Result<(), Failure> {
    add(&mut tx, id).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c39_a_deadlock_under_a_savepoint() {
    let (world, both_hold, bodies) = (
        World::new(2).await,
        Arc::new(Barrier::new(2)),
        Count::default(),
    );
    let mut tasks = JoinSet::new();
    for ids in [[1, 2], [2, 1]] {
        let (pool, both_hold, bodies) = (world.pool.clone(), both_hold.clone(), bodies.clone());
        tasks.spawn(async move { crosses_nested(&pool, ids, both_hold, bodies).await });
    }
    for ended in bounded("the deadlock", tasks.join_all()).await {
        ended.unwrap();
    }
    // PostgreSQL goes back to the savepoint and goes on; MariaDB ended everything, so the call is run again.
    let [one, two, three, four] = world.rows().await;
    assert_eq!(
        (one + two + three, four),
        (4, 0),
        "work was lost or done twice"
    );
    assert!(
        (bodies.get(), three) == (2, 1) || (bodies.get(), three) == (3, 0),
        "{} bodies",
        bodies.get()
    );
    world.assert_clean("after a deadlock").await;
}

#[transactional(statement_timeout = "300ms")]
async fn waits_by_the_statements_clock(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await
}

#[tokio::test]
async fn c75_a_statement_timeout_in_a_wait_is_no_conflict() {
    let world = World::new(1).await;
    let mut holder = world.outsider().await;
    let hold = "BEGIN; UPDATE acc SET n = n + 10 WHERE id = 1";
    sqlx::raw_sql(hold).execute(&mut holder).await.unwrap();
    let call = waits_by_the_statements_clock(&world.pool);
    let error = bounded("the call", call).await.unwrap_err();
    assert_eq!(
        error.code().as_deref(),
        Some(STATEMENT_TIMEOUT),
        "{error:?}"
    );
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut holder)
        .await
        .unwrap();
    drop(holder);
    world
        .assert_clean("after a statement timeout in a wait")
        .await;
}
