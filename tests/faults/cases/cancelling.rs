//! c70, c71 and R14: a future dropped at any of its await points leaves nothing behind.

use txkit::transactional;

use super::world::{World, add, raw_add};
use super::{Connection, ONE_WRITER, ReadTx, Tx};
use crate::support::{Failure, Moment, Tally, bounded, drop_after, eventually};

pub fn register(tx: &mut Tx<'_>, tally: &Tally) {
    let Tally {
        body,
        committed,
        rolled_back,
        unknown,
    } = tally.clone();
    body.add();
    tx.after_commit(move || async move {
        tokio::task::yield_now().await;
        committed.add();
    });
    tx.after_rollback(move |_| rolled_back.add());
    tx.after_unknown(move || unknown.add());
}

#[transactional]
async fn plain(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, &tally);
    add(&mut tx, 1).await?;
    add(&mut tx, 2).await
}

#[transactional(isolation = serializable, statement_timeout = "20s", lock_timeout = "20s", timeout = "50s")]
async fn with_settings(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, &tally);
    add(&mut tx, 1).await?;
    add(&mut tx, 2).await
}

#[txkit::read_only(lock_timeout = "20s")]
async fn reading(tx: ReadTx<'_>) -> Result<(), Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(&mut tx).await?;
    Ok(())
}

#[transactional]
async fn joining(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    joined(&mut tx, tally).await
}

#[transactional]
async fn joined(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, &tally);
    add(&mut tx, 2).await
}

#[transactional]
async fn nesting(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    undone(&mut tx).await.unwrap_err();
    nested(&mut tx, tally).await
}

#[transactional(propagation = nested)]
async fn nested(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, &tally);
    add(&mut tx, 2).await
}

#[transactional(propagation = nested)]
async fn undone(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 2).await?;
    Err(Failure::Body("undone"))
}

#[transactional]
async fn suspended(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, &tally);
    add(&mut tx, 1).await?;
    if ONE_WRITER {
        independent_reader(&mut tx).await?;
    } else {
        independent(&mut tx).await?;
    }
    add(&mut tx, 2).await
}

#[transactional(propagation = requires_new)]
async fn independent(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 3).await?;
    add(&mut tx, 4).await
}

#[txkit::read_only(propagation = requires_new)]
async fn independent_reader(tx: ReadTx<'_>) -> Result<(), Failure> {
    sqlx::query("SELECT n FROM acc").fetch_all(&mut tx).await?;
    Ok(())
}

#[transactional]
async fn checking(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, &tally);
    add(&mut tx, 1).await?;
    tx.before_commit(|tx| Box::pin(async move { add(tx, 2).await.map_err(Into::into) }));
    Ok(())
}

#[transactional]
async fn failing(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, &tally);
    add(&mut tx, 1).await?;
    add(&mut tx, 2).await?;
    Err(Failure::Body("after all"))
}

#[transactional(retry(attempts = 2, base = "2ms", also(Failure::Body(_))))]
async fn retrying(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, &tally);
    add(&mut tx, 1).await?;
    add(&mut tx, 2).await?;
    if tx.attempt() == 1 {
        Err(Failure::Body("once more"))
    } else {
        Ok(())
    }
}

#[transactional]
async fn lending(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    register(&mut tx, &tally);
    tx.with_conn(async |conn: &mut Connection| {
        raw_add(conn, 1).await?;
        raw_add(conn, 2).await
    })
    .await?;
    Ok(())
}

/// Runs it again and again, dropped one poll later each time, until it ends; nothing may ever be left.
pub async fn at_every_await(size: u32, run: impl AsyncFn(&World, Tally) -> Result<(), Failure>) {
    let (world, mut cancelled) = (World::wired(size).await, 0);
    // SQLite may be quicker than a poll: then again.
    for _round in 0..20 {
        for moment in [Moment::Pending, Moment::Woken] {
            cancelled += until_it_ends(&world, moment, &run).await;
        }
        if cancelled >= 6 {
            return;
        }
        assert!(!world.is_wired(), "it was cancelled {cancelled} times only");
    }
    panic!("it was cancelled {cancelled} times only");
}

async fn until_it_ends(
    world: &World,
    moment: Moment,
    run: &impl AsyncFn(&World, Tally) -> Result<(), Failure>,
) -> usize {
    for polls in 1..400 {
        let (when, tally) = (
            format!("dropped after poll {polls} ({moment:?})"),
            Tally::default(),
        );
        let ended = bounded(&when, drop_after(polls, moment, run(world, tally.clone())))
            .await
            .is_some();
        check(world, &when, &tally).await;
        world.reset().await;
        if ended {
            return polls - 1;
        }
    }
    panic!("it never ended");
}

/// All or nothing was stored, the connections are clean, and no hook ran for what did not happen.
async fn check(world: &World, when: &str, tally: &Tally) {
    world.assert_clean(when).await;
    let [one, two, three, four] = world.rows().await;
    assert_eq!(one, two, "{when}: half of it was stored");
    assert_eq!(
        three, four,
        "{when}: half of the independent transaction was stored"
    );
    assert!(one < 2, "{when}: stored twice");
    let hooks = || (tally.committed.get(), tally.unknown.get());
    if one == 1 && tally.body.get() > 0 {
        eventually(when, async || hooks() != (0, 0)).await;
    } else {
        assert_eq!(
            hooks().0,
            0,
            "{when}: `after_commit` ran, nothing was stored"
        );
    }
    assert!(
        hooks().0 + hooks().1 < 2,
        "{when}: hooks of two outcomes ran: {hooks:?}",
        hooks = hooks()
    );
    assert!(
        tally.rolled_back.get() <= tally.body.get(),
        "{when}: a hook ran twice"
    );
}

#[tokio::test]
async fn c70_plain() {
    at_every_await(1, async |world, tally| plain(&world.pool, tally).await).await;
}

#[tokio::test]
async fn c70_with_settings() {
    at_every_await(1, async |world, tally| {
        with_settings(&world.pool, tally).await
    })
    .await;
}

#[tokio::test]
async fn c70_reading() {
    at_every_await(1, async |world, _| reading(&world.pool).await).await;
}

#[tokio::test]
async fn c70_joined() {
    at_every_await(1, async |world, tally| joining(&world.pool, tally).await).await;
}

#[tokio::test]
async fn c70_nested() {
    at_every_await(1, async |world, tally| nesting(&world.pool, tally).await).await;
}

#[tokio::test]
async fn c70_requires_new() {
    at_every_await(2, async |world, tally| suspended(&world.pool, tally).await).await;
}

#[tokio::test]
async fn c70_before_commit() {
    at_every_await(1, async |world, tally| checking(&world.pool, tally).await).await;
}

#[tokio::test]
async fn c70_rollback() {
    at_every_await(1, async |world, tally| failing(&world.pool, tally).await).await;
}

#[tokio::test]
async fn c70_retry() {
    at_every_await(1, async |world, tally| retrying(&world.pool, tally).await).await;
}

#[tokio::test]
async fn c70_lent_connection() {
    at_every_await(1, async |world, tally| lending(&world.pool, tally).await).await;
}

#[tokio::test]
async fn c70_connection_leased_by_hand() {
    at_every_await(1, async |world, tally| {
        let mut connection = world.pool.acquire().await?;
        with_settings(&mut connection, tally).await
    })
    .await;
}
