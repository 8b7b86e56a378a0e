//! A transaction that was committed and begun again on a lent connection, and then met a conflict: not to be run again.

use txkit::transactional;

use super::Tx;
use super::world::{World, add};
use crate::support::{Failure, Tally, bounded};

#[transactional(retry(attempts = 3, base = "1ms"))]
async fn commits_and_conflicts(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    tally.body.add();
    tx.after_commit(move || tally.committed.add());
    tx.after_rollback(move |_| tally.rolled_back.add());
    add(&mut tx, 2).await?;
    tx.with_conn(async |conn| {
        sqlx::raw_sql("COMMIT").execute(&mut *conn).await?;
        sqlx::raw_sql("BEGIN").execute(conn).await.map(drop)
    })
    .await?;
    let locked = "SELECT n FROM acc WHERE id = 1 FOR UPDATE NOWAIT";
    sqlx::query(locked).execute(&mut tx).await?;
    Ok(())
}

#[tokio::test]
async fn a_conflict_after_a_lent_commit_and_begin() {
    let (world, tally) = (World::new(2).await, Tally::default());
    let mut holder = world.outsider().await;
    sqlx::raw_sql("BEGIN; UPDATE acc SET n = n + 1 WHERE id = 1")
        .execute(&mut holder)
        .await
        .unwrap();
    let call = commits_and_conflicts(&world.pool, tally.clone());
    let error = bounded("the call", call).await.expect_err("it is locked");
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut holder)
        .await
        .unwrap();
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::PartlyCommitted { .. })),
        "{error:?}"
    );
    let hooks = (tally.committed.get(), tally.rolled_back.get());
    assert_eq!((tally.body.get(), hooks), (1, (0, 0)));
    assert_eq!(world.rows().await, [0, 1, 0, 0]);
    world.assert_clean("after a partial commit").await;
}
