//! SQLite with readers that writers wait for, a shared cache or a rollback journal: a function inside another one that
//! would wait for it is answered.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};
use txkit::{read_only, transactional};
use txkit_tests::TestDatabase as _;

use super::world::add;
use super::{Db, ReadTx, Tx};
use crate::support::{Failure, Tally, bounded, parties};

const ROWS: &str = "CREATE TABLE acc (id BIGINT PRIMARY KEY, n BIGINT NOT NULL); \
    INSERT INTO acc VALUES (1, 0), (2, 0)";

async fn pool(options: SqliteConnectOptions) -> SqlitePool {
    let pool = PoolOptions::new()
        .max_connections(3)
        .min_connections(1)
        .connect_with(options.busy_timeout(Duration::from_millis(100)))
        .await
        .unwrap();
    sqlx::raw_sql(ROWS).execute(&pool).await.unwrap();
    pool
}

async fn rows(pool: &SqlitePool) -> Vec<i64> {
    let rows = sqlx::query_scalar("SELECT n FROM acc ORDER BY id").fetch_all(pool);
    rows.await.unwrap()
}

#[read_only(propagation = requires_new)]
async fn reads(tx: ReadTx<'_>) -> Result<i64, Failure> {
    let sum = sqlx::query_scalar("SELECT sum(n) FROM acc").fetch_one(&mut tx);
    Ok(sum.await?)
}

#[transactional]
async fn writes_around(tx: Tx<'_>) -> Result<Failure, Failure> {
    add(&mut tx, 1).await?;
    let refused = reads(&mut tx).await.expect_err("the table is locked");
    add(&mut tx, 2).await?;
    Ok(refused)
}

/// `sqlite::memory:` as SQLx has it: connections share one cache, and wait for each other without end.
#[tokio::test]
async fn a_reader_inside_a_shared_caches_writer() {
    let pool = pool("sqlite::memory:".parse().unwrap()).await;
    let refused = bounded("the call", writes_around(&pool)).await.unwrap();
    let Failure::Tx(error @ txkit::Error::SelfDeadlock { .. }) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(parties(error), Some(("reads", "writes_around")));
    assert_eq!(rows(&pool).await, [1, 1], "the outer transaction goes on");
    assert_eq!(bounded("the next reader", reads(&pool)).await.unwrap(), 2);
}

#[transactional(propagation = requires_new, retry(attempts = 3, base = "1ms"))]
async fn writes(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    tally.body.add();
    add(&mut tx, 1).await
}

#[read_only]
async fn reads_around(tx: ReadTx<'_>, pool: SqlitePool, tally: Tally) -> Result<Failure, Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(&mut tx).await?;
    Ok(writes(&pool, tally).await.expect_err("a reader is there"))
}

/// The writer's COMMIT waits for the reader, which waits for the writer.
#[tokio::test]
async fn a_writer_inside_a_rollback_journals_reader() {
    let (db, tally) = (Db::create().await, Tally::default());
    let pool = pool(db.options().journal_mode(SqliteJournalMode::Delete)).await;
    let call = reads_around(&pool, pool.clone(), tally.clone());
    let refused = bounded("the call", call).await.unwrap();
    let Failure::Tx(error @ txkit::Error::SelfDeadlock { .. }) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(parties(error), Some(("writes", "reads_around")));
    assert!(tally.body.get() < 2, "running it again cannot help");
    assert_eq!(rows(&pool).await, [0, 0]);
    let alone = bounded("the next writer", writes(&pool, tally)).await;
    alone.unwrap();
    assert_eq!(rows(&pool).await, [1, 0]);
}
