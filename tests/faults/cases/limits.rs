//! Limits as long as there are: no moment is that far away, and none is needed.

use std::time::Duration;

use super::Tx;
use super::world::{World, add};
use crate::support::{Failure, bounded};

static LONGEST: txkit::Definition =
    txkit::Definition::new("longest", file!(), line!()).timeout(Duration::MAX);

#[tokio::test]
async fn the_longest_timeout_is_none() {
    let world = World::new(1).await;
    let call = LONGEST.run(
        &world.pool,
        async |tx: &mut Tx<'_>| -> Result<(), Failure> { add(tx, 1).await },
    );
    bounded("the call", call).await.unwrap();
    assert_eq!(world.rows().await, [1, 0, 0, 0]);
    world.assert_clean("after the longest timeout").await;
}
