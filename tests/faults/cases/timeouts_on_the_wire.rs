//! R12: a time limit that ends while COMMIT, or anything before it, waits for an answer that a proxy holds.

use std::time::Duration;

use txkit::transactional;
use txkit_tests::TestDatabase as _;
use txkit_tests::wire::{Fault, Proxy};

use super::world::{World, add};
use super::{BEGIN, Db, Tx, proxy, through};
use crate::support::{Failure, Tally, bounded};

const HELD: Fault = Fault::Delay(Duration::from_secs(600));

async fn behind_a_proxy() -> (World, Proxy) {
    let db = Db::create().await;
    let proxy = proxy(&db).await;
    let options = through(&db, &proxy);
    (World::on(db, options, 1).await, proxy)
}

#[transactional(timeout = "1s", retry(attempts = 3, base = "1ms"))]
async fn two_rows(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
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
    add(&mut tx, 1).await?;
    add(&mut tx, 2).await
}

#[tokio::test]
async fn c72_after_commit_was_sent_the_outcome_is_unknown() {
    let ((world, proxy), tally) = (behind_a_proxy().await, Tally::default());
    proxy.on("COMMIT", HELD);
    let error = bounded("the call", two_rows(&world.pool, tally.clone()))
        .await
        .unwrap_err();
    assert!(error.is_unknown(), "{error:?}");
    let hooks = (
        tally.committed.get(),
        tally.rolled_back.get(),
        tally.unknown.get(),
    );
    assert_eq!((tally.body.get(), hooks), (1, (0, 0, 1)));
    world.assert_clean("after a timeout in COMMIT").await;
    assert_eq!(
        world.rows().await,
        [1, 1, 0, 0],
        "the server had been told to commit"
    );
}

#[tokio::test]
async fn c72_before_commit_was_sent_it_is_a_timeout() {
    let ((world, proxy), tally) = (behind_a_proxy().await, Tally::default());
    // Held for less than a borrower waits, for a connection may be kept if its rollback is certain.
    proxy.on("id = 2", Fault::Delay(Duration::from_secs(2)));
    let error = bounded("the call", two_rows(&world.pool, tally.clone()))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::Timeout { .. })),
        "{error:?}"
    );
    assert_eq!((tally.body.get(), tally.unknown.get()), (1, 0));
    world.assert_clean("after a timeout in a statement").await;
    assert_eq!(world.rows().await, [0; 4]);
}

#[tokio::test]
async fn c72_while_beginning() {
    let ((world, proxy), tally) = (behind_a_proxy().await, Tally::default());
    proxy.on(BEGIN, Fault::Delay(Duration::from_secs(3)));
    let error = bounded("the call", two_rows(&world.pool, tally.clone()))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Failure::Tx(txkit::Error::Timeout { .. })),
        "{error:?}"
    );
    world.assert_clean("after a timeout in BEGIN").await;
    assert_eq!((tally.committed.get(), world.rows().await), (0, [0; 4]));
}

#[tokio::test]
async fn c72_while_rolling_back() {
    let (world, proxy) = behind_a_proxy().await;
    proxy.on("ROLLBACK", Fault::Delay(Duration::from_secs(3)));
    let error = bounded("the call", refuses(&world.pool)).await.unwrap_err();
    assert!(
        matches!(&error, Failure::Body("after all")),
        "the body's error was masked: {error:?}"
    );
    world.assert_clean("after a slow rollback").await;
    assert_eq!(world.rows().await, [0; 4]);
}

#[transactional(timeout = "1s")]
async fn refuses(tx: Tx<'_>) -> Result<(), Failure> {
    add(&mut tx, 1).await?;
    Err(Failure::Body("after all"))
}
