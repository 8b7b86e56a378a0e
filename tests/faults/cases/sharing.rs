//! c80 and R17: many at once, who neither see each other nor lose each other's work.

use std::sync::Arc;

use sqlx::AssertSqlSafe;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use txkit::{serializable, transactional};

use super::world::{World, add};
use super::{ONE_WRITER, Tx};
use crate::support::{Count, Failure, bounded};

const WORKERS: i64 = 8;
const ROUNDS: i64 = 10;

/// The bucket is the whole process's, and these tests would empty it.
fn without_a_retry_budget() {
    txkit::retry::budget().configure(u64::MAX, 0);
}

/// All must succeed.
async fn all(what: &str, mut tasks: JoinSet<Result<(), Failure>>) {
    bounded(what, async {
        while let Some(ended) = tasks.join_next().await {
            ended
                .expect("no panic")
                .unwrap_or_else(|error| panic!("{what}: {error:?}"));
        }
    })
    .await;
}

async fn read(tx: &mut Tx<'_>, id: i64) -> Result<i64, Failure> {
    let select = format!("SELECT n FROM acc WHERE id = {id}");
    Ok(sqlx::query_scalar(AssertSqlSafe(select))
        .fetch_one(&mut *tx)
        .await?)
}

async fn write(tx: &mut Tx<'_>, id: i64, n: i64) -> Result<(), Failure> {
    let update = format!("UPDATE acc SET n = {n} WHERE id = {id}");
    sqlx::query(AssertSqlSafe(update)).execute(&mut *tx).await?;
    Ok(())
}

#[serializable(retry(attempts = 1000, base = "1ms", cap = "20ms", budget = "50s"))]
async fn increments(tx: Tx<'_>, bodies: Count) -> Result<(), Failure> {
    bodies.add();
    let before = read(&mut tx, 1).await?;
    tokio::task::yield_now().await;
    write(&mut tx, 1, before + 1).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hot_counter_read_and_written_back() {
    without_a_retry_budget();
    let (world, bodies) = (World::new(WORKERS as u32).await, Count::default());
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let (pool, bodies) = (world.pool.clone(), bodies.clone());
        workers.spawn(async move {
            for _ in 0..ROUNDS {
                increments(&pool, bodies.clone()).await?;
            }
            Ok(())
        });
    }
    all("the counter", workers).await;
    assert_eq!(world.rows().await[0], WORKERS * ROUNDS);
    assert!(
        ONE_WRITER || i64::from(bodies.get()) > WORKERS * ROUNDS,
        "there was no conflict to retry"
    );
    world.assert_clean("after the counter").await;
}

#[transactional]
async fn adds(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tokio::task::yield_now().await;
    add(&mut tx, 2).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hot_counter_at_the_default_isolation() {
    let world = World::new(4).await;
    let mut workers = JoinSet::new();
    for _ in 0..4 * WORKERS {
        let pool = world.pool.clone();
        workers.spawn(async move {
            for _ in 0..ROUNDS {
                adds(&pool).await?;
            }
            Ok(())
        });
    }
    all("the counter", workers).await;
    let sum = 4 * WORKERS * ROUNDS;
    assert_eq!(world.rows().await, [sum, sum, 0, 0]);
}

/// Whoever is on call may leave if someone else stays; each looks before either has left.
#[serializable(retry(attempts = 100, base = "1ms", cap = "20ms", budget = "50s"))]
async fn leaves(
    tx: Tx<'_>,
    id: i64,
    both_looked: Arc<Barrier>,
    bodies: Count,
) -> Result<(), Failure> {
    bodies.add();
    let on_call = read(&mut tx, 1).await? + read(&mut tx, 2).await?;
    if tx.attempt() == 1 && !ONE_WRITER {
        both_looked.wait().await;
    }
    if on_call == 2 {
        write(&mut tx, id, 0).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn write_skew_is_retried() {
    without_a_retry_budget();
    let (world, both_looked, bodies) = (
        World::new(2).await,
        Arc::new(Barrier::new(2)),
        Count::default(),
    );
    sqlx::raw_sql("UPDATE acc SET n = 1")
        .execute(&world.pool)
        .await
        .unwrap();
    let mut doctors = JoinSet::new();
    for id in [1, 2] {
        let (pool, both_looked, bodies) = (world.pool.clone(), both_looked.clone(), bodies.clone());
        doctors.spawn(async move { leaves(&pool, id, both_looked, bodies).await });
    }
    all("the doctors", doctors).await;
    let [one, two, ..] = world.rows().await;
    assert_eq!(one + two, 1, "nobody is on call, or nobody has left");
    assert_eq!(bodies.get() > 2, !ONE_WRITER);
}

/// Writes four rows of its own, one at a time, and looks at everybody's in between.
#[transactional]
async fn keeps_to_itself(tx: Tx<'_>, me: i64) -> Result<(), Failure> {
    for n in 1..=4 {
        let insert = format!("INSERT INTO seen VALUES ({me}, {n})");
        sqlx::query(AssertSqlSafe(insert)).execute(&mut tx).await?;
        tokio::task::yield_now().await;
        let counts: Vec<(i64, i64)> = sqlx::query_as("SELECT who, count(*) FROM seen GROUP BY who")
            .fetch_all(&mut tx)
            .await?;
        for (who, count) in counts {
            assert_eq!(
                count,
                if who == me { n } else { 4 },
                "{me} sees the unfinished work of {who}"
            );
        }
    }
    if me % 3 == 0 {
        Err(Failure::Body("after all"))
    } else {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c80_transactions_do_not_see_each_other() {
    let world = World::new(6).await;
    let table = "CREATE TABLE seen (who BIGINT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (who, n))";
    sqlx::raw_sql(table).execute(&world.pool).await.unwrap();
    let mut tasks = JoinSet::new();
    for me in 0..60 {
        let pool = world.pool.clone();
        tasks.spawn(async move {
            match keeps_to_itself(&pool, me).await {
                Err(Failure::Body(_)) if me % 3 == 0 => Ok(()),
                other => other,
            }
        });
    }
    all("the tasks", tasks).await;
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM seen")
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert_eq!(stored, 40 * 4);
    world.assert_clean("after many tasks").await;
}
