//! c71: a future dropped while BEGIN or COMMIT is certainly on its way, because a proxy holds the answer.

use std::time::Duration;

use txkit::transactional;
use txkit_tests::TestDatabase as _;
use txkit_tests::wire::{Fault, Proxy};

use super::world::{World, add};
use super::{BEGIN, Db, Tx, proxy, through};
use crate::support::{Failure, Tally, eventually};

#[transactional(isolation = serializable, lock_timeout = "20s")]
async fn two_rows(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    tally.body.add();
    tx.after_commit(move || tally.committed.add());
    tx.after_unknown(move || tally.unknown.add());
    add(&mut tx, 1).await?;
    add(&mut tx, 2).await
}

/// Drops the call when its statement has reached the proxy, and the answer has not come back.
async fn dropped_during(statement: &str) -> (World, Proxy, Tally) {
    let db = Db::create().await;
    let proxy = proxy(&db).await;
    let options = through(&db, &proxy);
    let (world, tally) = (World::on(db, options, 1).await, Tally::default());
    proxy.clear();
    proxy.on(statement, Fault::Delay(Duration::from_millis(300)));
    tokio::select! {
        biased;
        result = two_rows(&world.pool, tally.clone()) => panic!("{result:?} before the answer"),
        () = eventually("the statement", async || proxy.statements().iter().any(|sent| sent.contains(statement))) => {}
    }
    (world, proxy, tally)
}

#[tokio::test]
async fn c71_during_begin() {
    let (world, _proxy, tally) = dropped_during(BEGIN).await;
    world.assert_clean("dropped during BEGIN").await;
    assert_eq!((world.rows().await, tally.body.get()), ([0; 4], 0));
    two_rows(&world.pool, tally).await.unwrap();
    assert_eq!(world.rows().await, [1, 1, 0, 0]);
}

#[tokio::test]
async fn c71_during_a_statement() {
    let (world, _proxy, tally) = dropped_during("id = 2").await;
    world.assert_clean("dropped during a statement").await;
    assert_eq!(
        (
            world.rows().await,
            tally.committed.get(),
            tally.unknown.get()
        ),
        ([0; 4], 0, 0)
    );
    two_rows(&world.pool, tally).await.unwrap();
    assert_eq!(world.rows().await, [1, 1, 0, 0]);
}

#[tokio::test]
async fn c71_during_commit() {
    let (world, _proxy, tally) = dropped_during("COMMIT").await;
    world.assert_clean("dropped during COMMIT").await;
    assert_eq!(
        world.rows().await,
        [1, 1, 0, 0],
        "the server had been told to commit"
    );
    eventually("`after_unknown`", async || tally.unknown.get() == 1).await;
    assert_eq!(tally.committed.get(), 0);
}
