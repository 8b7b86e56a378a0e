//! The tools for an application's tests: what they undo stays undone, and the pool is as before.

use sqlx::Connection as _;
use txkit::transactional;

use super::world::{World, add, raw_add};
use super::{Connection, Tx};
use crate::support::{Failure, bounded};

#[transactional]
async fn lends(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.with_conn(async |conn: &mut Connection| {
        let mut own = conn.begin().await?;
        raw_add(&mut own, 2).await?;
        own.commit().await
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn rolled_back_lends_its_connection_again_and_again() {
    let world = World::new(1).await;
    for _time in 0..2 {
        let results = txkit::test::rolled_back(&world.pool, async |tx: &mut Tx<'_>| {
            [lends(&mut *tx).await, lends(&mut *tx).await]
        });
        let results = bounded("the calls", results).await.unwrap();
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(world.rows().await, [0; 4]);
    }
    let mut own = world.pool.begin().await.unwrap();
    raw_add(&mut own, 3).await.unwrap();
    own.rollback().await.unwrap();
    assert_eq!(world.rows().await, [0; 4], "the rollback did nothing");
    let mut own = world.pool.begin().await.unwrap();
    raw_add(&mut own, 4).await.unwrap();
    own.commit().await.unwrap();
    assert_eq!(world.rows().await, [0, 0, 0, 1], "the commit did nothing");
    world.assert_clean("after `rolled_back`").await;
}

/// Code under test that begins by the driver nests as annotated functions do.
#[tokio::test]
async fn a_test_pool_stores_nothing_that_is_begun_by_the_driver() {
    let world = World::new(1).await;
    let pool = txkit::sqlx::test_pool(&world.pool).await.unwrap();
    for commit in [true, false] {
        let mut own = pool.begin().await.unwrap();
        raw_add(&mut own, 1).await.unwrap();
        if commit {
            own.commit().await.unwrap();
        } else {
            own.rollback().await.unwrap();
        }
    }
    bounded("the call", lends(&pool)).await.unwrap();
    let mut own = pool.acquire().await.unwrap();
    let seen: Vec<i64> = sqlx::query_scalar("SELECT n FROM acc ORDER BY id")
        .fetch_all(&mut *own)
        .await
        .unwrap();
    assert_eq!(seen, [2, 1, 0, 0], "what was done is there for the test");
    drop(own);
    pool.close().await;
    world.quiet().await;
    assert_eq!(world.rows().await, [0; 4]);
    world.assert_clean("after a test pool").await;
}
