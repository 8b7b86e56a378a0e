//! c74 on SQLite: a second writer inside the first one is answered at once.

use txkit::transactional;

use super::Tx;
use super::world::{World, add};
use crate::support::{Failure, Tally, bounded, parties};

#[transactional]
async fn outer(tx: Tx<'_>, tally: Tally) -> Result<Failure, Failure> {
    add(&mut tx, 1).await?;
    let refused = inner(&mut tx, tally).await.expect_err("two writers");
    add(&mut tx, 2).await?;
    Ok(refused)
}

/// Its patience is longer than that of the tests: the answer comes at once, or too late.
#[transactional(propagation = requires_new, lock_timeout = "30m", retry(attempts = 5))]
async fn inner(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    tally.body.add();
    add(&mut tx, 3).await
}

#[tokio::test]
async fn c74_a_writer_inside_a_writer() {
    let (world, tally) = (World::new(4).await, Tally::default());
    let refused = bounded("the call", outer(&world.pool, tally.clone()))
        .await
        .unwrap();
    let Failure::Tx(error @ txkit::Error::SelfDeadlock { .. }) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(parties(error), Some(("inner", "outer")));
    assert_eq!(tally.body.get(), 0, "it was run, and had to wait");
    world.assert_clean("after a refusal").await;
    assert_eq!(
        world.rows().await,
        [1, 1, 0, 0],
        "the outer transaction goes on"
    );
}
