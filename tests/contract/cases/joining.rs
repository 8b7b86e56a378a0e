//! Joining: one transaction from the outermost call to the last, and a part that failed is not forgotten.

use super::*;

#[tokio::test]
async fn c20_three_levels_are_one_transaction() {
    #[transactional]
    async fn c20_outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        c20_middle(&mut tx).await?;
        insert(&mut tx, 4).await?;
        Ok(())
    }
    #[transactional]
    async fn c20_middle(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        c20_inner(&mut tx).await
    }
    #[transactional]
    async fn c20_inner(tx: &mut DbTx<'_>) -> Result<(), AppError> {
        assert_eq!(items(tx).await?, [1, 2]);
        Ok(insert(tx, 3).await?)
    }
    let (stage, tally) = Stage::tally(1).await;
    let (commits, rollbacks) = (tally.commits(), tally.rollbacks());
    let watch = watch!(c20_outer, c20_middle, c20_inner);
    c20_outer(&stage.pool).await.unwrap();
    assert_eq!(
        (tally.commits() - commits, tally.rollbacks() - rollbacks),
        (1, 0)
    );
    assert_eq!(watch.notes(), ["begun 1", "ended 1: committed"]);
    assert_eq!(stage.stored().await, [1, 2, 3, 4]);
    stage.end().await;
}

#[tokio::test]
async fn c20_an_error_of_the_innermost_passed_on_rolls_everything_back() {
    #[transactional]
    async fn inner(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        Err(AppError::Declined(2))
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        inner(&mut tx).await
    }
    let stage = Stage::new().await;
    let error = outer(&stage.pool).await.unwrap_err();
    assert!(matches!(error, AppError::Declined(2)), "{error:?}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c21_a_failure_swallowed_outside_is_rollback_only_naming_who_where_and_why() {
    const LINE: u32 = line!();
    #[transactional]
    async fn c21_innermost(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 3).await?;
        Err(AppError::Declined(77))
    }
    #[transactional]
    async fn c21_middle(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        let _swallowed = c21_innermost(&mut tx).await;
        assert!(tx.is_rollback_only());
        Ok(())
    }
    #[transactional]
    async fn c21_outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        assert!(!tx.is_rollback_only());
        c21_middle(&mut tx).await
    }
    let stage = Stage::new().await;
    let watch = watch!(c21_outer);
    let error = c21_outer(&stage.pool).await.unwrap_err().transaction();
    let txkit::Error::RollbackOnly {
        function,
        by,
        location,
        ref cause,
    } = error
    else {
        panic!("{error:?}")
    };
    assert!(function.ends_with("::c21_outer"), "{function}");
    assert!(by.ends_with("::c21_innermost"), "{by}");
    assert_eq!(location.file, file!());
    assert!((LINE..LINE + 6).contains(&location.line), "{location}");
    assert_eq!(cause.to_string(), "declined: 77");
    let text = error.to_string();
    assert!(
        text.contains("c21_innermost") && text.contains("declined: 77"),
        "{text}"
    );
    assert_eq!(
        watch.notes(),
        ["begun 1", "ended 1: rolled_back, RollbackOnly"]
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c21_a_failed_mandatory_function_marks_as_well() {
    #[transactional]
    async fn inner(tx: &mut DbTx<'_>) -> Result<(), AppError> {
        insert(tx, 2).await?;
        Err(AppError::Other)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        let _swallowed = inner(&mut tx).await;
        Ok(())
    }
    let stage = Stage::new().await;
    let error = outer(&stage.pool).await.unwrap_err().transaction();
    assert!(
        matches!(error, txkit::Error::RollbackOnly { .. }),
        "{error:?}"
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c22_marked_by_its_own_body_an_ok_is_rolled_back_and_the_caller_can_tell() {
    #[transactional]
    async fn dry_run(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        assert!(!tx.is_rollback_only());
        tx.set_rollback_only();
        assert!(tx.is_rollback_only());
        insert(&mut tx, 2).await?;
        Ok(())
    }
    let stage = Stage::new().await;
    let error = dry_run(&stage.pool).await.unwrap_err().transaction();
    let txkit::Error::RollbackOnly { function, by, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(function, by);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c23_an_equal_or_weaker_isolation_joins() {
    #[serializable]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        assert_eq!(tx.isolation(), Some(txkit::Isolation::Serializable));
        equal(&mut tx).await?;
        weaker(&mut tx).await?;
        weaker_nested(&mut tx).await?;
        none(&mut tx).await
    }
    #[serializable]
    async fn equal(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 1).await?)
    }
    #[transactional(isolation = repeatable_read)]
    async fn weaker(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 2).await?)
    }
    #[transactional(isolation = read_committed, propagation = nested)]
    async fn weaker_nested(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 3).await?)
    }
    #[transactional]
    async fn none(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 4).await?)
    }
    let stage = Stage::new().await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 3, 4]);
    stage.end().await;
}

#[tokio::test]
async fn c26_a_service_calls_its_own_methods() {
    struct Orders {
        fail: bool,
    }
    impl Orders {
        #[transactional]
        async fn place(&self, tx: DbTx<'_>) -> Result<i64, AppError> {
            insert(&mut tx, 1).await?;
            self.charge(&mut tx, 2).await
        }
        #[transactional]
        async fn charge(&self, tx: DbTx<'_>, id: i64) -> Result<i64, AppError> {
            insert(&mut tx, id).await?;
            if self.fail {
                Err(AppError::Other)
            } else {
                Ok(id)
            }
        }
    }
    let stage = Stage::new().await;
    Orders { fail: true }.place(&stage.pool).await.unwrap_err();
    assert_eq!(stage.stored().await, [0_i64; 0]);
    assert_eq!(Orders { fail: false }.place(&stage.pool).await.unwrap(), 2);
    assert_eq!(stage.stored().await, [1, 2]);
    // The inner one on its own is a transaction, too.
    Orders { fail: false }.charge(&stage.pool, 3).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 3]);
    stage.end().await;
}

#[tokio::test]
async fn r06_options_that_a_join_cannot_apply_are_reported() {
    #[transactional(lock_timeout = "5s", retry(attempts = 2))]
    async fn r06_inner(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 1).await?)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        r06_inner(&mut tx).await
    }
    let stage = Stage::new().await;
    let watch = watch!(r06_inner);
    outer(&stage.pool).await.unwrap();
    let mut notes = watch.notes();
    notes.sort();
    assert_eq!(notes, ["ignored: lock_timeout", "ignored: retry"]);
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn r11_no_mark_and_commit_on_make_expected_failures_harmless() {
    #[transactional(no_mark(AppError::Declined(_)))]
    async fn lenient(tx: DbTx<'_>, error: AppError) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        Err(error)
    }
    #[transactional(commit_on(AppError::Declined(_)))]
    async fn keeping(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 3).await?;
        Err(AppError::Declined(1))
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, error: AppError) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let _expected = lenient(&mut tx, error).await;
        keeping(&mut tx).await.unwrap_err();
        Ok(())
    }
    let stage = Stage::new().await;
    let error = outer(&stage.pool, AppError::Other)
        .await
        .unwrap_err()
        .transaction();
    assert!(
        matches!(error, txkit::Error::RollbackOnly { .. }),
        "{error:?}"
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    outer(&stage.pool, AppError::Declined(0)).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 3]);
    stage.end().await;
}

#[tokio::test]
async fn r11_a_panic_caught_in_between_marks() {
    #[transactional]
    async fn panics(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        panic!("inside")
    }
    #[transactional]
    async fn catches(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let caught = caught(async { panics(&mut tx).await }).await;
        assert!(caught.is_err(), "it panics");
        Ok(())
    }
    let stage = Stage::new().await;
    let error = catches(&stage.pool).await.unwrap_err().transaction();
    let txkit::Error::RollbackOnly { by, .. } = error else {
        panic!("{error:?}")
    };
    assert!(by.ends_with("::panics"), "{by}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}
