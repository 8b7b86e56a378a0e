//! `txkit::test`: the production code, inside a transaction that is rolled back.

use super::*;

#[transactional]
async fn place(tx: DbTx<'_>, id: i64, log: &Log, fail: bool) -> Result<(), AppError> {
    insert(&mut tx, id).await?;
    let [committed, undone] = [log.clone(), log.clone()];
    tx.after_commit(move || committed.add(format!("{id} committed")));
    tx.after_rollback(move |why| undone.add(format!("{id} undone: {:?}", why.reason)));
    if fail {
        Err(AppError::Declined(1))
    } else {
        Ok(())
    }
}

#[tokio::test]
async fn c65_logical_commits_run_their_hooks_and_nothing_stays() {
    let (stage, log) = (Stage::of(1).await, Log::default());
    let seen = txkit::test::rolled_back(&stage.pool, async |tx: &mut DbTx<'_>| {
        place(&mut *tx, 1, &log, false).await.unwrap();
        assert_eq!(
            log.notes(),
            ["1 committed"],
            "hooks run with their logical commit"
        );
        place(&mut *tx, 2, &log, true).await.unwrap_err();
        place(&mut *tx, 3, &log, false).await.unwrap();
        items(tx).await.unwrap()
    })
    .await;
    assert_eq!(seen.unwrap(), [1, 3]);
    assert_eq!(
        log.notes(),
        ["1 committed", "2 undone: Error", "3 committed"]
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c65_joins_nests_and_marks_inside_a_logical_transaction_as_in_production() {
    #[transactional(propagation = nested)]
    async fn nested(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        place(&mut tx, 2, log, false).await?;
        Err(AppError::Other)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        place(&mut tx, 1, log, false).await?;
        nested(&mut tx, log).await.unwrap_err();
        log.add("outer returns");
        Ok(())
    }
    #[transactional]
    async fn swallows(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        let _swallowed = place(&mut tx, 4, log, true).await;
        Ok(())
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    let seen = txkit::test::rolled_back(&stage.pool, async |tx: &mut DbTx<'_>| {
        outer(&mut *tx, &log).await.unwrap();
        let error = swallows(&mut *tx, &log).await.unwrap_err().transaction();
        assert!(
            matches!(error, txkit::Error::RollbackOnly { .. }),
            "{error:?}"
        );
        items(tx).await.unwrap()
    })
    .await;
    assert_eq!(seen.unwrap(), [1]);
    let mut notes = log.notes();
    assert_eq!(notes.remove(0), "outer returns");
    notes.sort();
    assert_eq!(
        notes,
        [
            "1 committed",
            "2 undone: Savepoint",
            "4 undone: RollbackOnly"
        ]
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c65_requires_new_is_a_savepoint_there_and_survives_its_callers_failure_no_more() {
    #[transactional(propagation = requires_new)]
    async fn record(tx: DbTx<'_>, id: i64, log: &Log) -> Result<(), AppError> {
        place(&mut tx, id, log, false).await
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        record(&mut tx, 2, log).await
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    let seen = txkit::test::rolled_back(&stage.pool, async |tx: &mut DbTx<'_>| {
        outer(&mut *tx, &log).await.unwrap();
        items(tx).await.unwrap()
    })
    .await;
    assert_eq!(seen.unwrap(), [1, 2]);
    assert_eq!(log.notes(), ["2 committed"]);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c65_nothing_is_retried_and_levels_do_not_clash() {
    #[serializable]
    #[retry_on_conflict(attempts = 3)]
    async fn conflicts(tx: DbTx<'_>, obstacle: &Obstacle, log: &Log) -> Result<(), AppError> {
        log.add(tx.attempt());
        Ok(obstacle.meet(&mut tx).await?)
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let log = Log::default();
    let over = txkit::test::rolled_back(&stage.pool, async |tx: &mut DbTx<'_>| {
        conflicts(&mut *tx, &obstacle, &log).await.unwrap_err();
        insert(tx, 1).await.unwrap();
    });
    over.await.unwrap();
    assert_eq!(log.notes(), ["1"]);
    obstacle.remove().await;
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c65_a_panicking_test_is_rolled_back_as_well() {
    let (stage, log) = (Stage::of(1).await, Log::default());
    let before = stage.session().await;
    let over = async {
        let test = txkit::test::rolled_back(&stage.pool, async |tx: &mut DbTx<'_>| {
            place(&mut *tx, 1, &log, false).await.unwrap();
            panic!("an assertion");
        });
        test.await
    };
    assert_eq!(caught(over).await.unwrap_err(), "an assertion");
    assert_unchanged(&before, &stage.session().await);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c65_code_that_holds_its_pool_gets_a_test_pool() {
    struct Orders {
        pool: Pool,
    }
    impl Orders {
        #[transactional(on = self.pool)]
        async fn place(
            &self,
            tx: DbTx<'_>,
            id: i64,
            log: &Log,
            fail: bool,
        ) -> Result<(), AppError> {
            super::testing::place(&mut tx, id, log, fail).await
        }
        #[read_only(on = self.pool)]
        async fn all(&self, tx: DbReadTx<'_>) -> Result<Vec<i64>, AppError> {
            Ok(items(&mut tx).await?)
        }
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    let orders = Orders {
        pool: test_pool(&stage).await,
    };
    orders.place(1, &log, false).await.unwrap();
    orders.place(2, &log, true).await.unwrap_err();
    orders.place(3, &log, false).await.unwrap();
    assert_eq!(orders.all().await.unwrap(), [1, 3]);
    assert_eq!(
        log.notes(),
        ["1 committed", "2 undone: Error", "3 committed"]
    );
    close_test_pool(orders.pool).await;
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}
