//! Savepoints: what fails inside is undone alone, and the transaction goes on.

use super::*;

#[transactional(propagation = nested)]
async fn nested(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
    insert(&mut tx, id).await?;
    if fail {
        Err(AppError::Declined(1))
    } else {
        Ok(())
    }
}

#[tokio::test]
async fn c34_siblings_are_released_one_by_one() {
    #[transactional]
    async fn outer(tx: DbTx<'_>, fail: bool) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        nested(&mut tx, 2, false).await?;
        nested(&mut tx, 3, false).await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool, true).await.unwrap_err();
    assert_eq!(stage.stored().await, [0_i64; 0]);
    outer(&stage.pool, false).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 3]);
    stage.end().await;
}

#[tokio::test]
async fn c34_at_depth_two_names_never_collide() {
    #[transactional(propagation = nested)]
    async fn middle(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
        insert(&mut tx, id).await?;
        nested(&mut tx, id + 1, true).await.unwrap_err();
        nested(&mut tx, id + 2, false).await?;
        nested(&mut tx, id + 3, true).await.unwrap_err();
        insert(&mut tx, id + 4).await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        middle(&mut tx, 10, true).await.unwrap_err();
        middle(&mut tx, 20, false).await?;
        middle(&mut tx, 30, true).await.unwrap_err();
        insert(&mut tx, 2).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 20, 22, 24]);
    stage.end().await;
}

#[tokio::test]
async fn c35_a_nested_failure_is_undone_and_the_outer_commits() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let error = nested(&mut tx, 2, true).await.unwrap_err();
        assert!(matches!(error, AppError::Declined(1)), "{error:?}");
        assert!(!tx.is_rollback_only());
        assert_eq!(items(&mut tx).await?, [1]);
        // The name is free again, and the row as well.
        nested(&mut tx, 2, false).await
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn c35_a_nested_panic_caught_outside_is_undone_alone() {
    #[transactional(propagation = nested)]
    async fn panics(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        panic!("inside")
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let caught = caught(async { panics(&mut tx).await }).await;
        assert_eq!(caught.unwrap_err(), "inside");
        insert(&mut tx, 3).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 3]);
    stage.end().await;
}

#[tokio::test]
async fn c35_a_failed_statement_inside_is_undone_with_its_savepoint() {
    #[transactional(propagation = nested)]
    async fn duplicate(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        execute(&mut tx, "INSERT INTO taken (id) VALUES (1)").await?;
        Ok(())
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        duplicate(&mut tx).await.unwrap_err();
        insert(&mut tx, 3).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 3]);
    stage.end().await;
}

#[tokio::test]
async fn c36_a_join_inside_nested_that_fails_undoes_the_savepoint_alone() {
    #[transactional]
    async fn joined(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        insert(&mut tx, id).await?;
        Err(AppError::Declined(id.unsigned_abs()))
    }
    #[transactional(propagation = nested)]
    async fn passes_on(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        joined(&mut tx, 3).await
    }
    #[transactional(propagation = nested)]
    async fn swallows(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 4).await?;
        let _swallowed = joined(&mut tx, 5).await;
        Ok(())
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let error = passes_on(&mut tx).await.unwrap_err();
        assert!(matches!(error, AppError::Declined(3)), "{error:?}");
        let error = swallows(&mut tx).await.unwrap_err().transaction();
        let txkit::Error::RollbackOnly { by, ref cause, .. } = error else {
            panic!("{error:?}")
        };
        assert!(by.ends_with("::joined"), "{by}");
        assert_eq!(cause.to_string(), "declined: 5");
        assert!(!tx.is_rollback_only(), "the mark went with the savepoint");
        Ok(())
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn c36_a_mark_made_before_the_savepoint_is_not_undone_with_it() {
    #[transactional]
    async fn joined(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        Err(AppError::Declined(1))
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        let _swallowed = joined(&mut tx).await;
        nested(&mut tx, 2, false).await?;
        nested(&mut tx, 3, true).await.unwrap_err();
        Ok(())
    }
    let stage = Stage::of(1).await;
    let error = outer(&stage.pool).await.unwrap_err().transaction();
    let txkit::Error::RollbackOnly { by, .. } = error else {
        panic!("{error:?}")
    };
    assert!(by.ends_with("::joined"), "{by}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c37_nested_from_a_pool_is_a_real_transaction() {
    #[transactional(propagation = nested)]
    async fn c37_alone(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
        insert(&mut tx, id).await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    let (stage, tally) = Stage::tally(1).await;
    let (commits, rollbacks) = (tally.commits(), tally.rollbacks());
    let watch = watch!(c37_alone);
    c37_alone(&stage.pool, 1, false).await.unwrap();
    c37_alone(&stage.pool, 2, true).await.unwrap_err();
    assert_eq!(
        (tally.commits() - commits, tally.rollbacks() - rollbacks),
        (1, 1)
    );
    let ends = [
        "begun 1",
        "ended 1: committed",
        "begun 1",
        "ended 1: rolled_back, Error",
    ];
    assert_eq!(watch.notes(), ends);
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn r03_undoing_a_savepoint_leaves_the_outers_rows_readable_and_later_work_sound() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<Vec<i64>, AppError> {
        for id in 0..20 {
            let _undone = nested(&mut tx, id, id % 3 == 0).await;
        }
        Ok(items(&mut tx).await?)
    }
    let stage = Stage::of(1).await;
    let seen = outer(&stage.pool).await.unwrap();
    assert_eq!(seen, (0..20).filter(|id| id % 3 != 0).collect::<Vec<_>>());
    assert_eq!(stage.stored().await, seen);
    stage.end().await;
}
