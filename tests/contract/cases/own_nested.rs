//! Diesel's own nested transactions (`tx.transaction(..)`) on a handle: they keep their meaning, and the handle knows of them.

use super::*;

/// Registers hooks that tell of what becomes of a part.
fn tell(tx: &mut DbTx<'_>, name: &'static str, log: &Log) {
    let [kept, undone] = [log.clone(), log.clone()];
    tx.after_commit(move || kept.add(format!("{name} committed")));
    tx.after_rollback(move |why| undone.add(format!("{name} undone: {:?}", why.reason)));
}

#[tokio::test]
async fn c35_c61_diesels_nested_transaction_undoes_its_own_part_and_its_hooks() {
    #[transactional]
    async fn joined(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
        insert(&mut tx, id).await?;
        if fail {
            Err(AppError::Declined(2))
        } else {
            Ok(())
        }
    }
    #[transactional(propagation = nested)]
    async fn nested(tx: DbTx<'_>, id: i64, fail: bool) -> Result<(), AppError> {
        insert(&mut tx, id).await?;
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let kept: Result<i64, AppError> = tx
            .transaction(async |tx| {
                tell(tx, "kept", log);
                insert(tx, 2).await?;
                nested(&mut *tx, 3, true).await.unwrap_err();
                nested(tx, 4, false).await?;
                Ok(9)
            })
            .await;
        assert_eq!(kept?, 9);
        let undone: Result<(), AppError> = tx
            .transaction(async |tx| {
                tell(tx, "undone", log);
                insert(tx, 5).await?;
                // The mark goes with the savepoint.
                joined(tx, 6, true).await
            })
            .await;
        assert!(matches!(undone, Err(AppError::Declined(2))), "{undone:?}");
        assert!(!tx.is_rollback_only());
        assert_eq!(items(&mut tx).await?, [1, 2, 4]);
        insert(&mut tx, 7).await?;
        Ok(())
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    let before = stage.session().await;
    outer(&stage.pool, &log).await.unwrap();
    assert_unchanged(&before, &stage.session().await);
    assert_eq!(stage.stored().await, [1, 2, 4, 7]);
    let mut notes = log.notes();
    notes.sort();
    assert_eq!(notes, ["kept committed", "undone undone: Savepoint"]);
    stage.end().await;
}

#[tokio::test]
async fn c34_two_levels_of_diesels_own_are_two_savepoints() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        for id in [10, 20] {
            let result: Result<(), AppError> = tx
                .transaction(async |tx| {
                    insert(tx, id).await?;
                    let inner: Result<(), AppError> = tx
                        .transaction(async |tx| {
                            insert(tx, id + 1).await?;
                            Err(AppError::Other)
                        })
                        .await;
                    inner.unwrap_err();
                    insert(tx, id + 2).await?;
                    if id == 10 {
                        Err(AppError::Other)
                    } else {
                        Ok(())
                    }
                })
                .await;
            assert_eq!(result.is_ok(), id == 20);
        }
        Ok(())
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [20, 22]);
    stage.end().await;
}

#[tokio::test]
async fn c21_a_failure_swallowed_inside_diesels_nested_transaction_is_not_forgotten() {
    #[transactional]
    async fn joined(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        Err(AppError::Declined(2))
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        tx.transaction(async |tx| {
            let _swallowed = joined(tx).await;
            Ok::<_, AppError>(())
        })
        .await
    }
    let stage = Stage::of(1).await;
    let error = outer(&stage.pool).await.unwrap_err().transaction();
    assert!(
        matches!(error, txkit::Error::RollbackOnly { .. }),
        "{error:?}"
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c39_what_ruins_diesels_nested_transaction_is_its_error_and_never_a_missing_savepoint() {
    #[transactional]
    async fn outer(tx: DbTx<'_>, stage: &Stage, log: &Log) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let ruined: Result<(), AppError> = tx
            .transaction(async |tx| {
                insert(tx, 2).await?;
                let error = ruin(tx, stage).await;
                log.add(&error);
                Err(error.into())
            })
            .await;
        let AppError::Database(error) = ruined.unwrap_err() else {
            panic!("another error took the body's place")
        };
        assert_eq!(vec![error.to_string()], log.notes());
        let _perhaps_refused = insert(&mut tx, 3).await;
        Ok(())
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    let before = stage.session().await;
    let result = outer(&stage.pool, &stage, &log).await;
    if Db::ENGINE == "postgres" {
        result.unwrap();
        assert_eq!(stage.stored().await, [1, 3]);
    } else {
        let error = result.unwrap_err().transaction();
        let txkit::Error::Poisoned { source, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!(source.conflict(), RUIN);
        assert_eq!(stage.stored().await, [0_i64; 0]);
    }
    let after = stage.session().await;
    if Db::ENGINE != "mysql" {
        // There what ruins it is a setting.
        assert_unchanged(&before, &after);
    }
    stage.end().await;
}

fn boom() -> Result<(), AppError> {
    panic!("inside")
}

#[tokio::test]
async fn c06_a_panic_inside_diesels_nested_transaction_rolls_everything_back() {
    #[transactional]
    async fn panics(tx: DbTx<'_>, swallow: bool) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let inner = async {
            tx.transaction(async |tx| {
                insert(tx, 2).await?;
                boom()?;
                Ok::<_, AppError>(())
            })
            .await
        };
        let caught = caught(inner).await;
        assert!(swallow, "it went on: {caught:?}");
        // Diesel leaves its savepoint open: nobody can say what belongs to whom.
        let _perhaps_refused = insert(&mut tx, 3).await;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    let text = caught(async { panics(&stage.pool, false).await })
        .await
        .unwrap_err();
    assert!(text.contains("inside"), "{text}");
    assert_unchanged(&before, &stage.session().await);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    panics(&stage.pool, true).await.unwrap_err();
    assert_unchanged(&before, &stage.session().await);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}
