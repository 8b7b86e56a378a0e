//! What the handle saw decides about a replay: all transitions of an attempt's state (R17), and savepoints (c39).

use super::*;

/// A savepoint in which the obstacle is met.
#[transactional(propagation = nested)]
async fn bumps(tx: DbTx<'_>, id: i64, obstacle: &Obstacle) -> Result<(), AppError> {
    insert(&mut tx, id).await?;
    Ok(obstacle.meet(&mut tx).await?)
}

#[tokio::test]
async fn c39_a_conflict_inside_a_savepoint_handled_needs_no_replay() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn c39_handles(tx: DbTx<'_>, obstacle: &Obstacle) -> Result<u32, AppError> {
        insert(&mut tx, 1).await?;
        let AppError::Database(error) = bumps(&mut tx, 2, obstacle).await.unwrap_err() else {
            panic!("not the conflict's own error")
        };
        assert!(is_from_database(&error), "{error:?}");
        // The next successful statement makes it good.
        insert(&mut tx, 3).await?;
        Ok(tx.attempt())
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let watch = watch!(c39_handles);
    assert_eq!(c39_handles(&stage.pool, &obstacle).await.unwrap(), 1);
    assert_eq!(watch.notes(), ["begun 1", "ended 1: committed"]);
    obstacle.remove().await;
    assert_eq!(stage.stored().await, [1, 3]);
    stage.end().await;
}

#[tokio::test]
async fn c39_handled_as_the_last_thing_it_still_commits() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn handles_last(tx: DbTx<'_>, obstacle: &Obstacle) -> Result<u32, AppError> {
        insert(&mut tx, 1).await?;
        bumps(&mut tx, 2, obstacle).await.unwrap_err();
        Ok(tx.attempt())
    }
    let (stage, obstacle) = Obstacle::stage().await;
    assert_eq!(handles_last(&stage.pool, &obstacle).await.unwrap(), 1);
    obstacle.remove().await;
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn c39_handled_and_made_good_a_later_business_error_is_not_retried() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn declines(tx: DbTx<'_>, obstacle: &Obstacle, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        bumps(&mut tx, 2, obstacle).await.unwrap_err();
        insert(&mut tx, 3).await?;
        Err(AppError::Declined(1))
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let log = Log::default();
    let error = declines(&stage.pool, &obstacle, &log).await.unwrap_err();
    assert!(matches!(error, AppError::Declined(1)), "{error:?}");
    assert_eq!(log.notes(), ["ran"]);
    obstacle.remove().await;
    stage.end().await;
}

#[tokio::test]
async fn r17_an_err_while_a_conflict_is_pending_replays() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn pending(tx: DbTx<'_>, obstacle: &Obstacle) -> Result<u32, AppError> {
        insert_attempt(&mut tx).await?;
        if tx.attempt() == 2 {
            obstacle.remove().await;
        }
        match bumps(&mut tx, 10, obstacle).await {
            Ok(()) => Ok(tx.attempt()),
            Err(_) => Err(AppError::Other),
        }
    }
    let (stage, obstacle) = Obstacle::stage().await;
    assert_eq!(pending(&stage.pool, &obstacle).await.unwrap(), 2);
    assert_eq!(stage.stored().await, [2, 10]);
    stage.end().await;
}

#[tokio::test]
async fn r17_a_conflict_that_stays_swallowed_never_makes_a_false_ok() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn swallows(tx: DbTx<'_>, obstacle: &Obstacle) -> Result<u32, AppError> {
        if tx.attempt() == 2 {
            obstacle.remove().await;
        }
        insert_attempt(&mut tx).await?;
        let _swallowed = obstacle.meet(&mut tx).await;
        Ok(tx.attempt())
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let attempt = swallows(&stage.pool, &obstacle).await.unwrap();
    obstacle.remove().await;
    // PostgreSQL aborted the transaction, so it ran again; the others undid one statement, and what is left is sound.
    assert_eq!(attempt, if Db::ENGINE == "postgres" { 2 } else { 1 });
    assert_eq!(stage.stored().await, [i64::from(attempt)]);
    stage.end().await;
}

#[tokio::test]
async fn r17_an_ok_on_a_ruined_transaction_replays_if_a_conflict_was_the_cause() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn r17_ruined(tx: DbTx<'_>, stage: &Stage, log: &Log) -> Result<(), AppError> {
        log.add(tx.attempt());
        insert_attempt(&mut tx).await?;
        if tx.attempt() == 1 {
            ruin(&mut tx, stage).await;
        }
        Ok(())
    }
    let (stage, log) = (Stage::new().await, Log::default());
    let result = r17_ruined(&stage.pool, &stage, &log).await;
    match RUIN {
        Some(_) => {
            result.unwrap();
            assert_eq!(log.notes(), ["1", "2"]);
            assert_eq!(stage.stored().await, [2]);
        }
        None => {
            let error = result.unwrap_err().transaction();
            assert!(matches!(error, txkit::Error::Poisoned { .. }), "{error:?}");
            assert_eq!(log.notes(), ["1"]);
            assert_eq!(stage.stored().await, [0_i64; 0]);
        }
    }
    stage.end().await;
}

#[tokio::test]
async fn r17_ruined_inside_a_savepoint_the_cause_is_never_the_missing_savepoint() {
    #[transactional(propagation = nested)]
    async fn ruins(tx: DbTx<'_>, stage: &Stage, log: &Log) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        let error = ruin(&mut tx, stage).await;
        log.add(&error);
        Err(error.into())
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, stage: &Stage, log: &Log) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let AppError::Database(error) = ruins(&mut tx, stage, log).await.unwrap_err() else {
            panic!("another error took the body's place")
        };
        assert_eq!(vec![error.to_string()], log.notes());
        let _perhaps_refused = insert(&mut tx, 3).await;
        Ok(())
    }
    let (stage, log) = (Stage::new().await, Log::default());
    let result = outer(&stage.pool, &stage, &log).await;
    if Db::ENGINE == "postgres" {
        // There a savepoint takes everything back.
        result.unwrap();
        assert_eq!(stage.stored().await, [1, 3]);
    } else {
        let error = result.unwrap_err().transaction();
        let txkit::Error::Poisoned { source, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!(vec![source.to_string()], log.notes());
        assert_eq!(source.conflict(), RUIN);
        assert_eq!(stage.stored().await, [0_i64; 0]);
    }
    stage.end().await;
}

mod bare {
    //! Nothing is witnessed through a bare connection.

    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Plain {
        #[error("the transaction failed")]
        Transaction(#[from] txkit::Error),
        #[error("the database failed")]
        Database(#[from] DriverError),
    }

    #[derive(Debug, thiserror::Error)]
    #[error("in a layer of its own")]
    struct Layer(#[source] DriverError);

    #[derive(Debug, thiserror::Error)]
    enum Layered {
        #[error(transparent)]
        Transaction(#[from] txkit::Error),
        #[error("in two layers")]
        Layer(#[from] Layer),
    }

    /// The obstacle is there on the first attempt only.
    async fn once(conn: &mut Conn, obstacle: &Obstacle, log: &Log) -> Result<(), DriverError> {
        log.add("ran");
        raw_insert(conn, 1).await?;
        let met = obstacle.meet_raw(conn).await;
        obstacle.remove().await;
        met
    }

    macro_rules! told {
        ($name:ident, $error:ty, $wrap:expr) => {
            #[tokio::test]
            async fn $name() {
                #[transactional]
                #[retry_on_conflict(attempts = 3)]
                async fn told(
                    conn: &mut Conn,
                    obstacle: &Obstacle,
                    log: &Log,
                ) -> Result<(), $error> {
                    once(conn, obstacle, log).await.map_err($wrap)
                }
                let (stage, obstacle) = Obstacle::stage().await;
                let log = Log::default();
                let mut conn = stage.lease().await;
                told(&mut conn, &obstacle, &log).await.unwrap();
                assert_eq!(log.notes(), ["ran", "ran"]);
                drop(conn);
                assert_eq!(stage.stored().await, [1]);
                stage.end().await;
            }
        };
    }

    told!(c52_r17_the_drivers_error_decides, DriverError, |error| {
        error
    });
    told!(
        c52_r17_an_enum_that_names_its_source_decides,
        Plain,
        Plain::from
    );
    told!(c52_r17_a_source_of_a_source_decides, Layered, |error| {
        Layered::from(Layer(error))
    });
    told!(
        c52_r17_a_transparent_error_decides,
        AppError,
        AppError::from
    );

    #[tokio::test]
    async fn r17_an_error_that_forgot_its_cause_does_not_replay() {
        #[transactional]
        #[retry_on_conflict(attempts = 3)]
        async fn untold(conn: &mut Conn, obstacle: &Obstacle, log: &Log) -> Result<(), AppError> {
            once(conn, obstacle, log).await.map_err(|_| AppError::Other)
        }
        let (stage, obstacle) = Obstacle::stage().await;
        let log = Log::default();
        let mut conn = stage.lease().await;
        let error = untold(&mut conn, &obstacle, &log).await.unwrap_err();
        assert!(matches!(error, AppError::Other), "{error:?}");
        assert_eq!(log.notes(), ["ran"]);
        drop(conn);
        obstacle.remove().await;
        assert_eq!(stage.stored().await, [0_i64; 0]);
        stage.end().await;
    }
}

#[tokio::test]
async fn r17_a_conflict_in_lent_work_is_found_in_the_error_it_returns() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn lends(tx: DbTx<'_>, obstacle: &Obstacle) -> Result<u32, AppError> {
        if tx.attempt() == 2 {
            obstacle.remove().await;
        }
        let met = tx
            .with_conn(async |conn| obstacle.meet_raw(conn).await)
            .await;
        met.map_err(|_| AppError::Other)?;
        insert_attempt(&mut tx).await?;
        Ok(tx.attempt())
    }
    let (stage, obstacle) = Obstacle::stage().await;
    assert_eq!(lends(&stage.pool, &obstacle).await.unwrap(), 2);
    assert_eq!(stage.stored().await, [2]);
    stage.end().await;
}
