//! SQLite's ways to lose: a COMMIT that fails leaves the transaction open.

use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteJournalMode;
use txkit::transactional;
use txkit_tests::TestDatabase as _;

use super::world::{World, add};
use super::{Connection, Db, Tx};
use crate::support::{Failure, Tally, bounded, eventually};

fn register(tx: &mut Tx<'_>, tally: Tally) {
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
}

#[transactional]
async fn breaks_a_deferred_constraint(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, tally);
    add(&mut tx, 1).await?;
    sqlx::query("INSERT INTO sub VALUES (77)")
        .execute(&mut tx)
        .await?;
    Ok(())
}

#[tokio::test]
async fn c04_commit_fails_by_a_deferred_constraint() {
    let (world, tally) = (World::new(1).await, Tally::default());
    let table = "CREATE TABLE sub (id BIGINT REFERENCES acc (id) DEFERRABLE INITIALLY DEFERRED)";
    sqlx::raw_sql(table).execute(&world.pool).await.unwrap();
    let error = breaks_a_deferred_constraint(&world.pool, tally.clone())
        .await
        .expect_err("a false `Ok`");
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::Commit { .. })),
        "{error:?}"
    );
    let hooks = (
        tally.committed.get(),
        tally.rolled_back.get(),
        tally.unknown.get(),
    );
    assert_eq!((tally.body.get(), hooks), (1, (0, 1, 0)));
    world.assert_clean("after a failed COMMIT").await;
    assert_eq!(world.rows().await, [0; 4]);
}

#[transactional(lock_timeout = "200ms")]
async fn meets_a_reader(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, tally);
    add(&mut tx, 1).await
}

#[transactional(lock_timeout = "50s")]
async fn outwaits_a_reader(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, tally);
    add(&mut tx, 1).await
}

/// With a rollback journal, COMMIT needs the readers out of the way.
async fn with_a_reader() -> (World, Connection) {
    let db = Db::create().await;
    let options = db
        .options()
        .journal_mode(SqliteJournalMode::Delete)
        .busy_timeout(Duration::from_millis(50));
    let world = World::on(db, options.clone(), 1).await;
    let mut reader = options.connect().await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT * FROM acc")
        .execute(&mut reader)
        .await
        .unwrap();
    (world, reader)
}

#[tokio::test]
async fn r12_a_busy_commit_is_rolled_back_in_the_end() {
    let ((world, mut reader), tally) = (with_a_reader().await, Tally::default());
    let error = bounded("the call", meets_a_reader(&world.pool, tally.clone()))
        .await
        .expect_err("a false `Ok`");
    assert_eq!(
        error.tx().and_then(txkit::Error::conflict),
        Some(txkit::Conflict::Busy),
        "{error:?}"
    );
    assert_eq!(
        (
            tally.committed.get(),
            tally.rolled_back.get(),
            tally.unknown.get()
        ),
        (0, 1, 0)
    );
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut reader)
        .await
        .unwrap();
    bounded(
        "the next call",
        meets_a_reader(&world.pool, Tally::default()),
    )
    .await
    .unwrap();
    let row: i64 = sqlx::query_scalar("SELECT n FROM acc WHERE id = 1")
        .fetch_one(&mut reader)
        .await
        .unwrap();
    assert_eq!(row, 1);
}

#[tokio::test]
async fn r12_a_busy_commit_is_tried_again_without_the_body() {
    let ((world, mut reader), tally) = (with_a_reader().await, Tally::default());
    let (pool, ours) = (world.pool.clone(), tally.clone());
    let call = tokio::spawn(async move { outwaits_a_reader(&pool, ours).await });
    eventually("the body", async || tally.body.get() == 1).await;
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut reader)
        .await
        .unwrap();
    bounded("the call", call).await.unwrap().unwrap();
    assert_eq!((tally.body.get(), tally.committed.get()), (1, 1));
}

#[transactional]
async fn ends_it_itself(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    tx.with_conn(async |conn: &mut Connection| sqlx::raw_sql("ROLLBACK").execute(conn).await)
        .await?;
    Err(Failure::Body("after all"))
}

#[tokio::test]
async fn c05_a_rollback_of_nothing_does_not_mask_the_bodys_error() {
    let world = World::new(1).await;
    let error = ends_it_itself(&world.pool).await.unwrap_err();
    // A raw COMMIT would look the same from here.
    let Failure::Tx(txkit::Error::PartlyCommitted { body, .. }) = &error else {
        panic!("{error:?}")
    };
    assert!(
        body.as_deref()
            .is_some_and(|text| text.contains("after all")),
        "{body:?}"
    );
    world.assert_clean("after a raw ROLLBACK").await;
    assert_eq!(world.rows().await, [0; 4]);
}
