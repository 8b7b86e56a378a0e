//! Commit and rollback: an `Ok` commits, an `Err` rolls back, and the caller gets the body's own words.

use super::*;

#[tokio::test]
async fn c01_ok_commits_once_and_the_connection_comes_back_as_it_was() {
    #[transactional]
    async fn c01_place(tx: DbTx<'_>, id: i64) -> Result<i64, AppError> {
        insert(&mut tx, id).await?;
        Ok(id * 2)
    }
    let (stage, tally) = Stage::tally(1).await;
    let before = stage.session().await;
    stage.stamp().await;
    let (commits, rollbacks) = (tally.commits(), tally.rollbacks());
    let watch = watch!(c01_place);

    assert_eq!(c01_place(&stage.pool, 7).await.unwrap(), 14);

    assert_eq!(tally.commits() - commits, 1);
    assert_eq!(tally.rollbacks() - rollbacks, 0);
    assert_eq!(watch.notes(), ["begun 1", "ended 1: committed"]);
    assert!(stage.is_stamped().await, "the connection was closed");
    assert_unchanged(&before, &stage.session().await);
    assert_eq!(stage.stored().await, [7]);
    stage.end().await;
}

#[tokio::test]
async fn c02_err_rolls_back_once_and_the_very_same_error_comes_out() {
    #[transactional]
    async fn c02_decline(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        Err(AppError::Declined(42))
    }
    let (stage, tally) = Stage::tally(1).await;
    stage.stamp().await;
    let (commits, rollbacks) = (tally.commits(), tally.rollbacks());
    let watch = watch!(c02_decline);

    let error = c02_decline(&stage.pool).await.unwrap_err();

    assert!(matches!(error, AppError::Declined(42)), "{error:?}");
    assert_eq!(tally.commits() - commits, 0);
    assert_eq!(tally.rollbacks() - rollbacks, 1);
    assert_eq!(watch.notes(), ["begun 1", "ended 1: rolled_back, Error"]);
    assert!(stage.is_stamped().await, "the connection was closed");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c03_without_a_connection_the_body_never_runs() {
    #[transactional]
    async fn place(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        insert(&mut tx, 1).await?;
        Ok(())
    }
    let stage = Stage::built(|db| impatient_pool(db, 1)).await;
    let closed = close(&stage.pool).await;
    let log = Log::default();

    let error = place(&stage.pool, &log).await.unwrap_err().transaction();

    assert!(matches!(error, txkit::Error::Acquire { .. }), "{error:?}");
    assert!(is_pool_closed(driver_error(&error)));
    assert_eq!(error.outcome(), txkit::Outcome::RolledBack);
    assert!(log.notes().is_empty());
    drop(closed);
    stage.end().await;
}

#[tokio::test]
async fn c06_a_panic_rolls_back_and_goes_on() {
    #[transactional]
    async fn c06_panics(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        panic!("the till is on fire")
    }
    let stage = Stage::of(1).await;
    stage.stamp().await;
    let watch = watch!(c06_panics);
    let pool = stage.pool.clone();

    let panic = panic_of(async move { c06_panics(&pool).await }).await;

    assert_eq!(panic, "the till is on fire");
    assert_eq!(watch.notes(), ["begun 1", "ended 1: rolled_back, Panic"]);
    assert!(stage.is_stamped().await, "the connection was closed");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c11_commit_on_commits_and_the_error_is_still_returned() {
    #[transactional(commit_on(AppError::Declined(_)))]
    async fn c11_charge(
        tx: DbTx<'_>,
        id: i64,
        error: Result<(), AppError>,
    ) -> Result<(), AppError> {
        insert(&mut tx, id).await?;
        error
    }
    let stage = Stage::new().await;
    let watch = watch!(c11_charge);

    let kept = c11_charge(&stage.pool, 1, Err(AppError::Declined(9))).await;
    assert!(matches!(kept, Err(AppError::Declined(9))), "{kept:?}");
    let lost = c11_charge(&stage.pool, 2, Err(AppError::Other)).await;
    assert!(matches!(lost, Err(AppError::Other)), "{lost:?}");

    assert_eq!(stage.stored().await, [1]);
    let expected = [
        "begun 1",
        "ended 1: committed",
        "begun 1",
        "ended 1: rolled_back, Error",
    ];
    assert_eq!(watch.notes(), expected);
    stage.end().await;
}

/// An error that says as little as one can.
#[derive(Debug)]
struct Bare;

impl From<txkit::Error> for Bare {
    fn from(_: txkit::Error) -> Self {
        Self
    }
}

#[tokio::test]
async fn c12_no_kind_of_error_commits_by_accident() {
    #[transactional]
    async fn bare(tx: DbTx<'_>) -> Result<(), Bare> {
        insert(&mut tx, 1).await.map_err(|_| Bare)?;
        Err(Bare)
    }
    #[transactional]
    async fn boxed(tx: DbTx<'_>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        insert(&mut tx, 2).await?;
        Err("a mere text".into())
    }
    #[transactional]
    async fn anyhowed(tx: DbTx<'_>) -> anyhow::Result<()> {
        insert(&mut tx, 3).await?;
        anyhow::bail!("no particular reason")
    }
    #[transactional]
    async fn drivers(tx: DbTx<'_>) -> Result<(), DriverError> {
        insert(&mut tx, 4).await?;
        Err(some_driver_error())
    }
    #[transactional]
    async fn txkits(tx: DbTx<'_>) -> Result<(), txkit::Error> {
        insert(&mut tx, 5).await.unwrap();
        Err(txkit::Error::NoPool {
            function: "it says",
        })
    }
    #[transactional]
    async fn early(tx: DbTx<'_>) -> Result<i64, AppError> {
        insert(&mut tx, 6).await?;
        if number(&mut tx, "SELECT count(*) FROM item").await? == 1 {
            return Err(AppError::Other);
        }
        Ok(1)
    }
    let stage = Stage::new().await;
    bare(&stage.pool).await.unwrap_err();
    boxed(&stage.pool).await.unwrap_err();
    anyhowed(&stage.pool).await.unwrap_err();
    let error = drivers(&stage.pool).await.unwrap_err();
    assert!(is_some_driver_error(&error), "{error:?}");
    txkits(&stage.pool).await.unwrap_err();
    early(&stage.pool).await.unwrap_err();
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c12_a_failed_statement_passed_on_is_the_same_error_outside() {
    #[transactional]
    async fn duplicate(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        execute(&mut tx, "INSERT INTO taken (id) VALUES (1)").await?;
        Ok(())
    }
    let stage = Stage::new().await;
    let error = duplicate(&stage.pool).await.unwrap_err();
    let AppError::Database(error) = error else {
        panic!("{error:?}")
    };
    assert!(is_duplicate(&error), "{error}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn r13_a_drivers_error_type_carries_the_transactions_and_looks_like_nothing_transient() {
    #[transactional]
    async fn inner(tx: DbTx<'_>) -> Result<(), DriverError> {
        insert(&mut tx, 1).await?;
        Err(some_driver_error())
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), DriverError> {
        let _swallowed = inner(&mut tx).await;
        Ok(())
    }
    let stage = Stage::new().await;
    let error = outer(&stage.pool).await.unwrap_err();
    assert!(!looks_transient(&error), "{error:?}");
    let causes = chain(&error);
    let found = causes
        .iter()
        .find_map(|cause| cause.downcast_ref::<txkit::Error>());
    let text = error.to_string();
    assert!(
        found.is_some() || text.contains("rollback-only"),
        "{error:?}"
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}
