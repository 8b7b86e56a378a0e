//! SQLite's traps: what the driver does by itself, and what txkit makes of the same program.

use std::time::Duration;

use sqlx::Connection as _;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use txkit::transactional;

use super::world::{World, add, raw_add};
use super::{Connection, Tx};
use crate::support::{Failure, bounded, parties};

const TWICE: &str = "INSERT OR ROLLBACK INTO acc VALUES (1, 0)";

/// FACTS 5: a statement ended the transaction, the driver goes on.
#[tokio::test]
async fn trap5_bare_driver_autocommits_after_or_rollback() {
    let world = World::new(1).await;
    let mut tx = world.pool.begin().await.unwrap();
    raw_add(&mut tx, 1).await.unwrap();
    let _swallowed = sqlx::query(TWICE).execute(&mut *tx).await.unwrap_err();
    assert!(tx.is_in_transaction(), "the trap is gone");
    raw_add(&mut tx, 2).await.expect("the trap is gone");
    drop(tx);
    assert_eq!(world.rows().await, [0, 1, 0, 0], "the trap is gone");
}

#[transactional]
async fn swallows(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    let _swallowed = sqlx::query(TWICE).execute(&mut tx).await.unwrap_err();
    let refused = add(&mut tx, 2).await.expect_err("autocommitted");
    assert!(
        matches!(refused.tx(), Some(txkit::Error::Ended { .. })),
        "{refused:?}"
    );
    Ok(())
}

#[transactional]
async fn swallows_unseen(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.with_conn(async |conn: &mut Connection| {
        let _swallowed = sqlx::query(TWICE).execute(conn).await.unwrap_err();
        Ok(())
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn trap5_txkit_refuses_statements_after_or_rollback() {
    let world = World::new(1).await;
    let error = swallows(&world.pool).await.unwrap_err();
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::Poisoned { .. })),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("UNIQUE"),
        "the first cause is lost: {error}"
    );
    world.assert_clean("after OR ROLLBACK").await;
    swallows_unseen(&world.pool)
        .await
        .expect_err("a false `Ok`");
    world
        .assert_clean("after OR ROLLBACK on the lent connection")
        .await;
    assert_eq!(world.rows().await, [0; 4]);
}

/// `sqlite::memory:` as SQLx has it: connections share one cache.
async fn shared_cache() -> SqlitePool {
    let options: SqliteConnectOptions = "sqlite::memory:".parse().unwrap();
    let options = options.busy_timeout(Duration::from_millis(100));
    let pool = PoolOptions::new()
        .max_connections(2)
        .min_connections(1)
        .connect_with(options)
        .await
        .unwrap();
    sqlx::raw_sql("CREATE TABLE acc (id BIGINT PRIMARY KEY, n BIGINT NOT NULL); INSERT INTO acc VALUES (1, 0), (2, 0)")
        .execute(&pool)
        .await
        .unwrap();
    pool
}

/// More, measured: the busy timeout of 100 ms is of no use.
#[tokio::test]
async fn shared_cache_bare_driver_a_second_writer_hangs() {
    let pool = shared_cache().await;
    let mut first = pool.begin().await.unwrap();
    raw_add(&mut first, 1).await.unwrap();
    let second = async {
        let mut second = pool.begin().await?;
        raw_add(&mut second, 2).await
    };
    let waited = tokio::time::timeout(Duration::from_secs(2), second).await;
    assert!(waited.is_err(), "the trap is gone: {waited:?}");
}

#[transactional]
async fn writes(tx: Tx<'_>, id: i64) -> Result<(), Failure> {
    add(&mut tx, id).await
}

#[transactional]
async fn writes_meanwhile(tx: Tx<'_>, pool: SqlitePool) -> Result<[Failure; 2], Failure> {
    add(&mut tx, 1).await?;
    let inside = writes(&pool, 2).await.expect_err("two writers");
    let beside = tokio::spawn(async move { writes(&pool, 2).await });
    let beside = beside.await.expect("no panic").expect_err("two writers");
    Ok([inside, beside])
}

#[tokio::test]
async fn shared_cache_txkit_answers_a_second_writer_at_once() {
    let pool = shared_cache().await;
    let call = writes_meanwhile(&pool, pool.clone());
    let [inside, beside] = bounded("the second writer", call).await.unwrap();
    let blamed = inside.tx().and_then(parties);
    assert_eq!(blamed, Some(("writes", "writes_meanwhile")), "{inside:?}");
    let conflict = beside.tx().and_then(txkit::Error::conflict);
    assert_eq!(conflict, Some(txkit::Conflict::Busy), "{beside:?}");
    bounded("the next writer", writes(&pool, 2)).await.unwrap();
    let rows: Vec<i64> = sqlx::query_scalar("SELECT n FROM acc ORDER BY id")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(rows, [1, 1]);
}
