//! Retrying: only conflicts, only from the outermost call, each time from a new transaction.

use super::*;

#[tokio::test]
async fn c50_two_failures_then_success_run_the_last_ones_hooks_only() {
    #[transactional]
    #[retry_on_conflict(attempts = 5)]
    async fn c50_third_time(tx: DbTx<'_>, obstacle: Obstacle, log: Log) -> Result<u32, AppError> {
        let attempt = tx.attempt();
        log.add(format!("attempt {attempt}"));
        let (committed, undone) = (log.clone(), log.clone());
        tx.after_commit(move || committed.add(format!("committed {attempt}")));
        tx.after_rollback(move |why| {
            undone.add(format!(
                "undone {} of {attempt}: {:?}",
                why.attempt,
                why.conflict()
            ))
        });
        insert(&mut tx, attempt.into()).await?;
        if attempt == 3 {
            obstacle.remove().await;
        }
        obstacle.meet(&mut tx).await?;
        Ok(attempt)
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let (log, watch) = (Log::default(), watch!(c50_third_time));

    assert_eq!(
        c50_third_time(&stage.pool, obstacle, log.clone())
            .await
            .unwrap(),
        3
    );

    let undone = |n: u32| format!("undone {n} of {n}: {:?}", Some(CONFLICT));
    let expected = [
        "attempt 1".to_owned(),
        undone(1),
        "attempt 2".to_owned(),
        undone(2),
        "attempt 3".to_owned(),
        "committed 3".to_owned(),
    ];
    assert_eq!(log.notes(), expected);
    let lost = |n: u32| {
        [
            format!("begun {n}"),
            format!("ended {n}: rolled_back, Error, {CONFLICT:?}"),
            format!("replayed {n}: {:?}", Some(CONFLICT)),
        ]
    };
    let mut expected = [lost(1), lost(2)].concat();
    expected.extend(["begun 3".to_owned(), "ended 3: committed".to_owned()]);
    assert_eq!(watch.notes(), expected);
    assert_eq!(stage.stored().await, [3]);
    stage.end().await;
}

#[tokio::test]
async fn c51_never_succeeding_returns_the_last_error_and_reports_every_attempt() {
    #[transactional]
    #[retry_on_conflict(attempts = 3, base = "1ms")]
    async fn c51_hopeless(tx: DbTx<'_>, obstacle: &Obstacle, log: &Log) -> Result<(), AppError> {
        log.add(tx.attempt());
        insert(&mut tx, 1).await?;
        obstacle.meet(&mut tx).await?;
        Ok(())
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let (log, watch) = (Log::default(), watch!(c51_hopeless));

    let error = c51_hopeless(&stage.pool, &obstacle, &log)
        .await
        .unwrap_err();

    let AppError::Database(error) = error else {
        panic!("{error:?}")
    };
    assert!(is_from_database(&error), "{error:?}");
    assert_eq!(log.notes(), ["1", "2", "3"]);
    let notes = watch.notes();
    let conflict = Some(CONFLICT);
    assert_eq!(
        notes
            .iter()
            .filter(|note| note.starts_with("replayed"))
            .count(),
        2,
        "{notes:?}"
    );
    assert_eq!(
        notes.last(),
        Some(&format!("gave up 3: {conflict:?}, Attempts"))
    );
    obstacle.remove().await;
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

mod c52 {
    //! The handle saw the conflict, whatever the body makes of it.

    use super::*;

    /// An error that keeps nothing of its cause but words.
    #[derive(Debug)]
    struct Text(#[allow(dead_code, reason = "for a person to read")] String);

    impl From<txkit::Error> for Text {
        fn from(error: txkit::Error) -> Self {
            Self(error.to_string())
        }
    }

    #[derive(Debug, thiserror::Error)]
    #[error("in a layer of its own")]
    struct Layer(#[source] DriverError);

    #[derive(Debug, thiserror::Error)]
    enum Layered {
        #[error(transparent)]
        Transaction(#[from] txkit::Error),
        #[error(transparent)]
        Layer(#[from] Layer),
    }

    /// The obstacle is there on the first attempt only.
    async fn once(tx: &mut DbTx<'_>, obstacle: &Obstacle) -> Result<(), DriverError> {
        if tx.attempt() > 1 {
            obstacle.remove().await;
        }
        insert_attempt(tx).await?;
        obstacle.meet(tx).await
    }

    macro_rules! replayed {
        ($name:ident, $error:ty, $wrap:expr) => {
            #[tokio::test]
            async fn $name() {
                #[transactional]
                #[retry_on_conflict(attempts = 3)]
                async fn wrapping(tx: DbTx<'_>, obstacle: Obstacle) -> Result<u32, $error> {
                    once(&mut tx, &obstacle).await.map_err($wrap)?;
                    Ok(tx.attempt())
                }
                let (stage, obstacle) = Obstacle::stage().await;
                assert_eq!(wrapping(&stage.pool, obstacle).await.unwrap(), 2);
                assert_eq!(stage.stored().await, [2]);
                stage.end().await;
            }
        };
    }

    replayed!(c52_in_a_text, Text, |error: DriverError| Text(
        error.to_string()
    ));
    replayed!(
        c52_in_anyhow,
        anyhow::Error,
        |error: DriverError| anyhow::anyhow!("no: {error}")
    );
    replayed!(c52_in_an_enum, AppError, AppError::from);
    replayed!(c52_in_a_transparent_layer, Layered, |error: DriverError| {
        Layered::from(Layer(error))
    });
    replayed!(c52_forgotten_altogether, AppError, |_: DriverError| {
        AppError::Other
    });
}

#[tokio::test]
async fn c54_a_joined_function_does_not_replay_only_the_outermost_does() {
    #[transactional]
    #[retry_on_conflict(attempts = 5)]
    async fn c54_inner(tx: DbTx<'_>, obstacle: &Obstacle, log: &Log) -> Result<(), AppError> {
        log.add(format!("inner {}", tx.attempt()));
        obstacle.meet(&mut tx).await?;
        Ok(())
    }
    #[transactional]
    #[retry_on_conflict(attempts = 5)]
    async fn c54_outer(tx: DbTx<'_>, obstacle: &Obstacle, log: &Log) -> Result<(), AppError> {
        log.add(format!("outer {}", tx.attempt()));
        insert_attempt(&mut tx).await?;
        if tx.attempt() == 2 {
            obstacle.remove().await;
        }
        c54_inner(&mut tx, obstacle, log).await
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let (log, watch) = (Log::default(), watch!(c54_inner));
    c54_outer(&stage.pool, &obstacle, &log).await.unwrap();
    assert_eq!(log.notes(), ["outer 1", "inner 1", "outer 2", "inner 2"]);
    assert_eq!(watch.notes(), ["ignored: retry", "ignored: retry"]);
    assert_eq!(stage.stored().await, [2]);
    stage.end().await;
}

#[tokio::test]
async fn c54_without_retry_outside_nobody_replays() {
    #[transactional]
    #[retry_on_conflict(attempts = 5)]
    async fn inner(tx: DbTx<'_>, obstacle: &Obstacle, log: &Log) -> Result<(), AppError> {
        log.add("inner");
        Ok(obstacle.meet(&mut tx).await?)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, obstacle: &Obstacle, log: &Log) -> Result<(), AppError> {
        inner(&mut tx, obstacle, log).await
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let log = Log::default();
    outer(&stage.pool, &obstacle, &log).await.unwrap_err();
    assert_eq!(log.notes(), ["inner"]);
    obstacle.remove().await;
    stage.end().await;
}

#[tokio::test]
async fn c54_on_someone_elses_connection_nothing_retries() {
    #[transactional]
    #[retry_on_conflict(attempts = 5)]
    async fn c54_guest(tx: DbTx<'_>, obstacle: &Obstacle, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        Ok(obstacle.meet(&mut tx).await?)
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let (log, watch) = (Log::default(), watch!(c54_guest));
    let mut conn = stage.lease().await;
    let mut theirs = begin_by_driver(&mut conn).await;
    c54_guest(&mut *theirs, &obstacle, &log).await.unwrap_err();
    theirs.rollback().await.unwrap();
    drop(conn);
    assert_eq!(log.notes(), ["ran"]);
    assert!(
        watch.notes().contains(&"ignored: retry".to_owned()),
        "{:?}",
        watch.notes()
    );
    obstacle.remove().await;
    stage.end().await;
}

#[tokio::test]
async fn c55_other_errors_are_not_retried() {
    #[transactional]
    #[retry_on_conflict(attempts = 5)]
    async fn c55_declines(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("business");
        insert(&mut tx, 1).await?;
        Err(AppError::Declined(1))
    }
    #[transactional]
    #[retry_on_conflict(attempts = 5)]
    async fn c55_duplicate(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("duplicate");
        execute(&mut tx, "INSERT INTO taken (id) VALUES (1)").await?;
        Ok(())
    }
    let stage = Stage::new().await;
    let (log, watch) = (Log::default(), watch!(c55_declines, c55_duplicate));
    c55_declines(&stage.pool, &log).await.unwrap_err();
    c55_duplicate(&stage.pool, &log).await.unwrap_err();
    assert_eq!(log.notes(), ["business", "duplicate"]);
    assert!(
        !watch
            .notes()
            .iter()
            .any(|note| note.starts_with("replayed") || note.starts_with("gave up"))
    );
    stage.end().await;
}

#[tokio::test]
async fn c55_a_timeout_is_not_retried() {
    #[transactional(timeout = "300ms")]
    #[retry_on_conflict(attempts = 5)]
    async fn c55_slow(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        insert(&mut tx, 1).await?;
        outlast(&mut tx).await
    }
    let stage = Stage::new().await;
    let log = Log::default();
    let error = c55_slow(&stage.pool, &log).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::Timeout { .. }), "{error:?}");
    assert_eq!(log.notes(), ["ran"]);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn r17_also_names_errors_of_the_programs_own() {
    #[transactional]
    #[retry_on_conflict(attempts = 3, base = "1ms", also(AppError::Declined(_)))]
    async fn again(
        tx: DbTx<'_>,
        error: &dyn Fn(u32) -> Result<(), AppError>,
    ) -> Result<u32, AppError> {
        insert_attempt(&mut tx).await?;
        error(tx.attempt())?;
        Ok(tx.attempt())
    }
    let stage = Stage::new().await;
    let twice = again(&stage.pool, &|n| {
        if n < 2 {
            Err(AppError::Declined(0))
        } else {
            Ok(())
        }
    })
    .await;
    assert_eq!(twice.unwrap(), 2);
    assert_eq!(stage.stored().await, [2]);
    stage.rival("DELETE FROM item").await;
    let other = again(&stage.pool, &|n| {
        if n < 2 { Err(AppError::Other) } else { Ok(()) }
    })
    .await;
    assert!(matches!(other, Err(AppError::Other)), "{other:?}");
    let always = again(&stage.pool, &|_| Err(AppError::Declined(8))).await;
    assert!(matches!(always, Err(AppError::Declined(8))), "{always:?}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn r18_each_attempt_gets_arguments_as_they_were_passed() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn taking(
        tx: DbTx<'_>,
        mut ids: Vec<i64>,
        (first, text): (i64, String),
        obstacle: Obstacle,
    ) -> Result<(i64, String), AppError> {
        while let Some(id) = ids.pop() {
            insert(&mut tx, id).await?;
        }
        if tx.attempt() == 2 {
            obstacle.remove().await;
        }
        obstacle.meet(&mut tx).await?;
        Ok((first, text))
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let taken = taking(&stage.pool, vec![1, 2, 3], (4, "five".to_owned()), obstacle)
        .await
        .unwrap();
    assert_eq!(taken, (4, "five".to_owned()));
    assert_eq!(stage.stored().await, [1, 2, 3]);
    stage.end().await;
}
