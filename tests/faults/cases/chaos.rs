//! Everything at once: many transactions, some cancelled, some whose session is killed. What each caller was told must
//! be true of what is stored in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::{AssertSqlSafe, Pool};
use tokio::task::JoinSet;
use txkit::transactional;

use super::world::World;
use super::{Driver, Tx, kill_someone};
use crate::support::{Count, Failure, Moment, bounded, drop_after};

const WORKERS: i64 = 6;
const ROUNDS: i64 = 40;

/// What a caller knows of its transaction.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Committed,
    NotCommitted,
    Nothing,
}

#[transactional(retry(attempts = 3, base = "1ms"))]
async fn two_rows(tx: Tx<'_>, id: i64, bodies: Count) -> Result<(), Failure> {
    bodies.add();
    insert(&mut tx, id, 1).await?;
    second(&mut tx, id).await
}

#[transactional(propagation = nested)]
async fn second(tx: Tx<'_>, id: i64) -> Result<(), Failure> {
    insert(&mut tx, id, 2).await
}

async fn insert(tx: &mut Tx<'_>, id: i64, n: i64) -> Result<(), Failure> {
    let insert = format!("INSERT INTO told VALUES ({id}, {n})");
    sqlx::query(AssertSqlSafe(insert)).execute(&mut *tx).await?;
    Ok(())
}

/// One transaction, each third one dropped at a poll that its number chooses.
async fn one(pool: &Pool<Driver>, id: i64) -> Told {
    let bodies = Count::default();
    let polls = match id % 3 {
        0 => usize::try_from(id / 3 % 17 + 1).unwrap_or(1),
        _ => usize::MAX,
    };
    let moment = if id % 2 == 0 {
        Moment::Pending
    } else {
        Moment::Woken
    };
    let told = match drop_after(polls, moment, two_rows(pool, id, bodies.clone())).await {
        Some(Ok(())) => Told::Committed,
        Some(Err(error)) if !error.is_unknown() => Told::NotCommitted,
        Some(Err(_)) | None => Told::Nothing,
    };
    assert!(bodies.get() < 2, "nothing here is a conflict: {told:?}");
    told
}

async fn worker(pool: Pool<Driver>, me: i64) -> Vec<(i64, Told)> {
    let mut told = Vec::new();
    for round in 0..ROUNDS {
        let id = me * ROUNDS + round;
        told.push((id, one(&pool, id).await));
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r10_what_callers_are_told_is_true() {
    let world = World::new(4).await;
    let table = "CREATE TABLE told (id BIGINT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (id, n))";
    sqlx::raw_sql(table).execute(&world.pool).await.unwrap();
    let (over, mut outsider) = (Arc::new(AtomicBool::new(false)), world.outsider().await);
    let killer = tokio::spawn({
        let over = over.clone();
        async move {
            while !over.load(Ordering::SeqCst) {
                kill_someone(&mut outsider).await;
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
    });
    let mut workers = JoinSet::new();
    for me in 0..WORKERS {
        workers.spawn(worker(world.pool.clone(), me));
    }
    let told = bounded("the workers", workers.join_all()).await;
    over.store(true, Ordering::SeqCst);
    killer.await.unwrap();
    bounded("the end of all transactions", world.quiet()).await;
    compare(&world, told.into_iter().flatten().collect()).await;
}

async fn compare(world: &World, told: Vec<(i64, Told)>) {
    let stored: Vec<(i64, i64)> = sqlx::query_as("SELECT id, count(*) FROM told GROUP BY id")
        .fetch_all(&mut world.outsider().await)
        .await
        .unwrap();
    for (id, told) in &told {
        let rows = stored
            .iter()
            .find(|(stored, _)| stored == id)
            .map_or(0, |(_, n)| *n);
        match told {
            Told::Committed => assert_eq!(rows, 2, "{id} was acknowledged, and is lost"),
            Told::NotCommitted => {
                assert_eq!(rows, 0, "{id} was stored, and its caller told it was not")
            }
            Told::Nothing => assert!(rows == 0 || rows == 2, "half of {id} was stored"),
        }
    }
    assert!(
        told.iter().any(|(_, told)| *told == Told::Committed),
        "nothing was committed"
    );
    assert!(
        told.iter().any(|(_, told)| *told == Told::Nothing),
        "nothing went wrong"
    );
}
