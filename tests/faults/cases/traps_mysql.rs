//! MariaDB's traps: what the driver does by itself, and what txkit makes of the same program.

use sqlx::Connection as _;
use tokio::sync::oneshot;
use txkit::{read_only, transactional};
use txkit_tests::TestDatabase as _;

use super::world::{World, add, raw_add};
use super::{Connection, Db, IN_TRANSACTION, ReadTx, Tx};
use crate::support::{Failure, Moment, Tally, bounded, drop_after, eventually};

/// FACTS 3: the next borrower gets an open transaction.
#[tokio::test]
async fn trap3_bare_driver_a_cancelled_begin_is_handed_to_the_next_borrower() {
    let world = World::wired(1).await;
    let mut first = world.pool.acquire().await.unwrap();
    assert!(
        drop_after(1, Moment::Pending, first.begin())
            .await
            .is_none(),
        "it was not waited for"
    );
    drop(first);
    let mut next = world.pool.acquire().await.unwrap();
    let session = Db::session(&mut next).await;
    assert_eq!(
        session[IN_TRANSACTION.0], IN_TRANSACTION.1,
        "the trap is gone"
    );
}

#[transactional]
async fn one_row(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await
}

#[tokio::test]
async fn trap3_txkit_rolls_a_cancelled_begin_back() {
    let world = World::wired(1).await;
    for polls in 1..8 {
        for moment in [Moment::Pending, Moment::Woken] {
            let _ended = drop_after(polls, moment, one_row(&world.pool)).await;
            let mut next = world.pool.acquire().await.unwrap();
            let session = Db::session(&mut next).await;
            assert_ne!(
                session[IN_TRANSACTION.0], IN_TRANSACTION.1,
                "dropped after poll {polls}"
            );
        }
    }
}

/// A transaction so much heavier that the server picks the other one as its victim; it holds row 2 and wants row 1.
async fn heavy(world: &World) -> Connection {
    let mut other = world.outsider().await;
    let many = "BEGIN; INSERT INTO acc SELECT seq, 0 FROM seq_100_to_200; UPDATE acc SET n = n + 10 WHERE id = 2";
    sqlx::raw_sql(many).execute(&mut other).await.unwrap();
    other
}

/// FACTS 4: the server ended the whole transaction, the driver goes on.
#[tokio::test]
async fn trap4_bare_driver_autocommits_after_a_deadlock() {
    let world = World::new(1).await;
    let mut victim = world.pool.begin().await.unwrap();
    raw_add(&mut victim, 1).await.unwrap();
    let mut other = heavy(&world).await;
    let (lost, won) = bounded("the deadlock", async {
        tokio::join!(raw_add(&mut victim, 2), raw_add(&mut other, 1))
    })
    .await;
    won.unwrap();
    assert!(lost.unwrap_err().to_string().contains("1213"));
    assert!(victim.is_in_transaction(), "the trap is gone");
    raw_add(&mut victim, 4).await.expect("the trap is gone");
    assert_eq!(world.rows().await[3], 1, "the trap is gone");
    victim.rollback().await.unwrap();
    assert_eq!(world.rows().await[3], 1, "the trap is gone");
}

#[transactional]
async fn victim(
    tx: Tx<'_>,
    ready: oneshot::Sender<()>,
    go: oneshot::Receiver<()>,
) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    let _ = ready.send(());
    let _ = go.await;
    let lost = add(&mut tx, 2).await.unwrap_err();
    assert_eq!(lost.code().as_deref(), Some("40001"), "{lost:?}");
    let refused = add(&mut tx, 4).await.expect_err("autocommitted");
    assert!(
        matches!(refused.tx(), Some(txkit::Error::Ended { .. })),
        "{refused:?}"
    );
    tx.with_conn(async |conn: &mut Connection| raw_add(conn, 4).await)
        .await
        .expect_err("autocommitted");
    Ok(())
}

#[tokio::test]
async fn trap4_txkit_refuses_statements_after_a_deadlock() {
    let world = World::new(1).await;
    let ((ready, is_ready), (go, wait)) = (oneshot::channel(), oneshot::channel());
    let pool = world.pool.clone();
    let call = tokio::spawn(async move { victim(&pool, ready, wait).await });
    is_ready.await.unwrap();
    let mut other = heavy(&world).await;
    go.send(()).unwrap();
    bounded("the deadlock", raw_add(&mut other, 1))
        .await
        .unwrap();
    let error = call.await.unwrap().unwrap_err();
    let Failure::Tx(txkit::Error::Poisoned { source, .. }) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(source.conflict(), Some(txkit::Conflict::Deadlock));
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    world.assert_clean("after a deadlock").await;
    assert_eq!(world.rows().await, [0; 4]);
}

/// FACTS 5: DDL commits, the driver does not notice.
#[tokio::test]
async fn trap5_bare_driver_cannot_roll_back_what_ddl_committed() {
    let world = World::new(1).await;
    let mut tx = world.pool.begin().await.unwrap();
    raw_add(&mut tx, 1).await.unwrap();
    sqlx::raw_sql("CREATE TABLE aside (id INT)")
        .execute(&mut *tx)
        .await
        .unwrap();
    assert!(tx.is_in_transaction(), "the trap is gone");
    raw_add(&mut tx, 2).await.unwrap();
    tx.rollback().await.expect("the trap is gone");
    assert_eq!(world.rows().await, [1, 1, 0, 0], "the trap is gone");
}

#[transactional]
async fn defines(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    let refused = sqlx::raw_sql("CREATE TABLE aside (id INT)")
        .execute(&mut tx)
        .await
        .map_err(Failure::from)
        .unwrap_err();
    assert!(
        matches!(refused.tx(), Some(txkit::Error::Refused { .. })),
        "{refused:?}"
    );
    Err(refused)
}

#[transactional(retry(attempts = 3, base = "1ms"))]
async fn defines_unseen(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    tally.body.add();
    tx.after_commit(move || tally.committed.add());
    tx.after_rollback(move |_| tally.rolled_back.add());
    add(&mut tx, 1).await?;
    tx.with_conn(async |conn: &mut Connection| {
        sqlx::raw_sql("CREATE TABLE aside (id INT)")
            .execute(conn)
            .await
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn trap5_txkit_does_not_send_ddl() {
    let world = World::new(1).await;
    defines(&world.pool).await.unwrap_err();
    world.assert_clean("after refused DDL").await;
    assert_eq!(world.rows().await, [0; 4]);
}

#[tokio::test]
async fn trap5_txkit_tells_of_ddl_on_the_lent_connection() {
    let (world, tally) = (World::new(1).await, Tally::default());
    let error = defines_unseen(&world.pool, tally.clone())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::PartlyCommitted { .. })),
        "{error:?}"
    );
    assert_eq!(
        (
            tally.body.get(),
            tally.committed.get(),
            tally.rolled_back.get()
        ),
        (1, 0, 0)
    );
    world.assert_clean("after DDL behind our back").await;
}

/// More, measured: READ ONLY does not keep TRUNCATE out.
#[tokio::test]
async fn truncate_bare_driver_empties_the_table_in_a_read_only_transaction() {
    let world = World::new(1).await;
    let mut connection = world.outsider().await;
    sqlx::raw_sql("START TRANSACTION READ ONLY; TRUNCATE acc; ROLLBACK")
        .execute(&mut connection)
        .await
        .unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM acc")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(left, 0, "the trap is gone");
}

#[read_only]
async fn truncates(tx: ReadTx<'_>) -> Result<(), Failure> {
    sqlx::raw_sql("TRUNCATE acc").execute(&mut tx).await?;
    Ok(())
}

#[read_only]
async fn truncates_unseen(tx: ReadTx<'_>) -> Result<(), Failure> {
    tx.with_conn(async |conn: &mut Connection| sqlx::raw_sql("TRUNCATE acc").execute(conn).await)
        .await?;
    Ok(())
}

#[tokio::test]
async fn truncate_txkit_is_refused_in_a_read_only_transaction() {
    let world = World::new(1).await;
    let error = truncates(&world.pool).await.unwrap_err();
    assert!(
        matches!(error.tx(), Some(txkit::Error::Refused { .. })),
        "{error:?}"
    );
    let error = truncates_unseen(&world.pool).await.unwrap_err();
    assert!(
        error.to_string().contains("1792"),
        "the database did not refuse: {error}"
    );
    world.assert_clean("after refused TRUNCATEs").await;
    assert_eq!(world.rows().await, [0; 4]);
}

/// c39: a lock timeout undoes one statement and the transaction goes on.
#[transactional(lock_timeout = "1s")]
async fn goes_on(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    let lost = add(&mut tx, 2).await.unwrap_err();
    assert!(lost.to_string().contains("1205"), "{lost}");
    add(&mut tx, 3).await
}

#[tokio::test]
async fn c39_a_lock_timeout_made_good_commits_the_rest() {
    let world = World::new(1).await;
    let mut holder = world.outsider().await;
    sqlx::raw_sql("BEGIN; UPDATE acc SET n = n + 1 WHERE id = 2")
        .execute(&mut holder)
        .await
        .unwrap();
    bounded("the call", goes_on(&world.pool)).await.unwrap();
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut holder)
        .await
        .unwrap();
    eventually("the rollback", async || world.rows().await == [1, 0, 1, 0]).await;
}
