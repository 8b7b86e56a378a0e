//! c74 and R22: whoever would wait for ever for a second connection is answered at once.

use std::sync::Arc;

use tokio::sync::Barrier;
use txkit::{read_only, transactional};

use super::world::{World, add};
use super::{Driver, ONE_WRITER, ReadTx, Session, Tx};
use crate::support::{Failure, Moment, bounded, drop_after, parties};

#[transactional]
async fn outer(tx: Tx<'_>) -> Result<Failure, Failure> {
    add(&mut tx, 1).await?;
    let refused = if ONE_WRITER {
        reader(&mut tx).await
    } else {
        writer(&mut tx).await
    };
    let refused = refused.expect_err("there is no second connection");
    add(&mut tx, 2).await?;
    Ok(refused)
}

#[transactional(propagation = requires_new)]
async fn writer(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 3).await
}

#[read_only(propagation = requires_new)]
async fn reader(tx: ReadTx<'_>) -> Result<(), Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(&mut tx).await?;
    Ok(())
}

#[tokio::test]
async fn c74_requires_new_on_a_pool_of_one() {
    let world = World::new(1).await;
    let refused = bounded("the call", outer(&world.pool)).await.unwrap();
    let Failure::Tx(error @ txkit::Error::Starved { max: 1, .. }) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(
        parties(error),
        Some((if ONE_WRITER { "reader" } else { "writer" }, "outer"))
    );
    world.assert_clean("after a refusal").await;
    assert_eq!(
        world.rows().await,
        [1, 1, 0, 0],
        "the outer transaction goes on"
    );
}

#[transactional]
async fn steps_outside(tx: Tx<'_>) -> Result<Failure, Failure> {
    add(&mut tx, 1).await?;
    let refused = outside(&mut tx)
        .await
        .expect_err("there is no second connection");
    Ok(refused)
}

#[transactional(propagation = not_supported)]
async fn outside(session: Session<'_>) -> Result<i64, Failure> {
    let row = sqlx::query_scalar("SELECT n FROM acc WHERE id = 1");
    Ok(row.fetch_one(&mut session).await?)
}

#[tokio::test]
async fn c74_not_supported_on_a_pool_of_one() {
    let world = World::new(1).await;
    let refused = bounded("the call", steps_outside(&world.pool))
        .await
        .unwrap();
    let Failure::Tx(error @ txkit::Error::Starved { .. }) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(parties(error), Some(("outside", "steps_outside")));
    world.assert_clean("after a refusal").await;
    assert_eq!(world.rows().await, [1, 0, 0, 0]);
}

#[transactional]
async fn looks_outside(tx: Tx<'_>) -> Result<i64, Failure> {
    add(&mut tx, 1).await?;
    let seen = outside(&mut tx).await?;
    add(&mut tx, 2).await?;
    Ok(seen)
}

/// Outside of the transaction its own uncommitted work is not seen, and reading waits for nobody.
#[tokio::test]
async fn c33_not_supported_reads_beside_a_writer() {
    let world = World::new(2).await;
    let seen = bounded("the call", looks_outside(&world.pool))
        .await
        .unwrap();
    assert_eq!((seen, world.rows().await), (0, [1, 1, 0, 0]));
    world.assert_clean("after a look outside").await;
}

#[read_only]
async fn all_at_once(tx: ReadTx<'_>, all: Arc<Barrier>) -> Result<bool, Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(&mut tx).await?;
    all.wait().await;
    match reader(&mut tx).await {
        Ok(()) => Ok(true),
        Err(Failure::Tx(txkit::Error::Starved { .. })) => Ok(false),
        Err(error) => Err(error),
    }
}

#[read_only]
async fn one_after_another(tx: ReadTx<'_>) -> Result<(), Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(&mut tx).await?;
    tokio::task::yield_now().await;
    reader(&mut tx).await
}

/// All of a pool's connections are held by transactions that each want one more. Those before the last wait, the last
/// is refused; and from then on one connection is left free, so that nobody has to be refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c74_a_pool_of_n_with_n_callers() {
    const N: usize = 4;
    let world = World::new(N as u32).await;
    let all = Arc::new(Barrier::new(N));
    let callers = (0..N).map(|_| {
        let (pool, all) = (world.pool.clone(), all.clone());
        tokio::spawn(async move { all_at_once(&pool, all).await })
    });
    let served = bounded("the first round", join_all(callers)).await;
    let served: Vec<bool> = served.into_iter().map(Result::unwrap).collect();
    assert!(
        served.contains(&false),
        "{N} transactions had two connections each, of {N}"
    );
    assert!(served.contains(&true), "more were refused than had to be");
    world.assert_clean("after the first round").await;

    let callers = (0..16 * N).map(|_| {
        let pool = world.pool.clone();
        tokio::spawn(async move { one_after_another(&pool).await })
    });
    for served in bounded("the second round", join_all(callers)).await {
        served.expect("refused, though one connection is kept free");
    }
    world.assert_clean("after the second round").await;
}

async fn join_all<T>(tasks: impl Iterator<Item = tokio::task::JoinHandle<T>>) -> Vec<T> {
    let tasks: Vec<_> = tasks.collect();
    let mut outputs = Vec::new();
    for task in tasks {
        outputs.push(task.await.expect("no panic"));
    }
    outputs
}

/// Whoever is cancelled while it waits, or while it is suspended, leaves the accounts as they were.
#[tokio::test]
async fn c74_cancelled_callers_leave_no_claims() {
    let world = World::new(2).await;
    for polls in 1..60 {
        for moment in [Moment::Pending, Moment::Woken] {
            let what = format!("a call dropped after poll {polls} ({moment:?})");
            let _ended = bounded(
                &what,
                drop_after(polls, moment, one_after_another(&world.pool)),
            )
            .await;
        }
    }
    bounded("the next call", one_after_another(&world.pool))
        .await
        .expect("claims of cancelled callers are left");
    world.assert_clean("after cancelled callers").await;
}

#[read_only]
async fn three_deep(tx: ReadTx<'_>) -> Result<(), Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(&mut tx).await?;
    second(&mut tx).await
}

#[read_only(propagation = requires_new)]
async fn second(tx: ReadTx<'_>) -> Result<(), Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(&mut tx).await?;
    reader(&mut tx).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c74_three_deep_never_hangs() {
    for size in [2, 3, 5] {
        let world = World::new(size).await;
        let callers = (0..24).map(|_| {
            let pool = world.pool.clone();
            tokio::spawn(async move { three_deep(&pool).await })
        });
        for served in bounded("three deep", join_all(callers)).await {
            match served {
                Ok(()) => assert!(size > 2, "three connections, of two"),
                Err(Failure::Tx(txkit::Error::Starved { .. })) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        world.assert_clean("three deep").await;
    }
}

#[transactional]
async fn on_a_connection(tx: Tx<'_>) -> Result<Failure, Failure> {
    add(&mut tx, 1).await?;
    Ok(writer(&mut tx).await.expect_err("it knows no pool"))
}

#[tokio::test]
async fn r02_a_bare_connection_knows_no_pool() {
    let world = World::new(1).await;
    let refused = bounded("the call", on_a_connection(&mut world.outsider().await))
        .await
        .unwrap();
    let Failure::Tx(txkit::Error::NoPool { function }) = &refused else {
        panic!("{refused:?}")
    };
    assert!(function.ends_with("::writer"));
    assert!(
        refused.to_string().contains("on = self.pool"),
        "no remedy: {refused}"
    );
    assert_eq!(world.rows().await, [1, 0, 0, 0]);
}

#[transactional]
async fn from_another_pool(tx: Tx<'_>, pool: sqlx::Pool<Driver>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    outer(&pool).await.map(drop)
}

#[tokio::test]
async fn c31_another_database_has_connections_and_locks_of_its_own() {
    let (world, other) = (World::new(1).await, World::new(1).await);
    bounded(
        "the call",
        from_another_pool(&world.pool, other.pool.clone()),
    )
    .await
    .unwrap();
    assert_eq!(
        (world.rows().await, other.rows().await),
        ([1, 0, 0, 0], [1, 1, 0, 0])
    );
}

#[read_only]
async fn is_given_the_pool(tx: ReadTx<'_>, pool: sqlx::Pool<Driver>) -> Result<(), Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(&mut tx).await?;
    reader(&pool).await
}

#[read_only]
async fn there_and_back(
    tx: ReadTx<'_>,
    there: sqlx::Pool<Driver>,
    back: sqlx::Pool<Driver>,
) -> Result<(), Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(&mut tx).await?;
    is_given_the_pool(&there, back).await
}

/// Nothing but the pool was passed, and still it is told that its caller holds the only connection.
#[tokio::test]
async fn c74_the_pool_itself_passed_inside_a_transaction() {
    let (world, other) = (World::new(1).await, World::new(1).await);
    let call = is_given_the_pool(&world.pool, world.pool.clone());
    let refused = bounded("the call", call).await.unwrap_err();
    let blamed = refused.tx().and_then(parties);
    assert_eq!(blamed, Some(("reader", "is_given_the_pool")), "{refused:?}");
    let call = there_and_back(&world.pool, other.pool.clone(), world.pool.clone());
    let refused = bounded("the call", call).await.unwrap_err();
    let blamed = refused.tx().and_then(parties);
    assert_eq!(blamed, Some(("reader", "there_and_back")), "{refused:?}");
    world.assert_clean("after refusals").await;
    other.assert_clean("after refusals").await;
}
