//! c77: a begin that fails on its way, because a proxy misspells a part of it.

use txkit::transactional;
use txkit_tests::TestDatabase as _;
use txkit_tests::wire::Fault;

use super::world::{World, add};
use super::{BEGIN, Db, Tx, proxy, through};
use crate::support::{Failure, Tally, bounded};

#[transactional(isolation = serializable, lock_timeout = "7s", statement_timeout = "8s", retry(attempts = 3))]
async fn with_settings(tx: Tx<'_>, tally: Tally) -> Result<(), Failure> {
    tally.body.add();
    tx.after_rollback(move |_| tally.rolled_back.add());
    add(&mut tx, 1).await
}

/// Each part of the batch in turn is what fails.
#[tokio::test]
async fn c77_a_begin_that_fails_halfway() {
    let parts = [
        "lock_timeout",
        "statement_timeout",
        "lock_wait_timeout",
        "max_statement_time",
        "START TRANSACTION",
        "SAVEPOINT",
    ];
    let mut failed = 0;
    for part in parts {
        let db = Db::create().await;
        let proxy = proxy(&db).await;
        let options = through(&db, &proxy);
        let (world, tally) = (World::on(db, options, 1).await, Tally::default());
        proxy.on(BEGIN, Fault::Misspell(part));
        let result = bounded(part, with_settings(&world.pool, tally.clone())).await;
        world
            .assert_clean(&format!("after a begin that failed at {part}"))
            .await;
        if let Err(error) = result {
            assert!(
                matches!(&error, Failure::Tx(txkit::Error::Begin { .. })),
                "{part}: {error:?}"
            );
            assert!(
                error.code().is_some(),
                "{part}: the cause is lost: {error:?}"
            );
            assert_eq!(
                (tally.body.get(), tally.rolled_back.get()),
                (0, 0),
                "{part}: the body ran"
            );
            assert_eq!(world.rows().await, [0; 4]);
            failed += 1;
        }
        with_settings(&world.pool, Tally::default())
            .await
            .expect("the next transaction works");
        world.assert_clean("the next transaction").await;
    }
    assert!(failed > 1, "nothing was misspelled");
}

/// A borrowed connection cannot be closed: the begin that failed is undone on it.
#[tokio::test]
async fn c77_on_a_connection_leased_by_hand() {
    for part in [
        "statement_timeout",
        "max_statement_time",
        "START TRANSACTION",
        "SAVEPOINT",
    ] {
        let db = Db::create().await;
        let proxy = proxy(&db).await;
        let options = through(&db, &proxy);
        let world = World::on(db, options, 1).await;
        let mut connection = world.pool.acquire().await.unwrap();
        proxy.on(BEGIN, Fault::Misspell(part));
        let first = bounded(part, with_settings(&mut connection, Tally::default())).await;
        let second = with_settings(&mut connection, Tally::default()).await;
        assert!(second.is_ok(), "{part}: {first:?}, then {second:?}");
        drop(connection);
        world
            .assert_clean(&format!("after a begin that failed at {part}"))
            .await;
        let stored = i64::from(first.is_ok()) + 1;
        assert_eq!(world.rows().await, [stored, 0, 0, 0]);
    }
}
