//! Engines behind a wire whose connections the server ends.

use super::*;

#[tokio::test]
async fn c73_killed_in_mid_transaction_is_an_error_and_the_next_transaction_works() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn dies(tx: DbTx<'_>, stage: &Stage, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        let gone = log.clone();
        tx.after_commit(move || gone.add("committed"));
        insert(&mut tx, 1).await?;
        let session = number(&mut tx, SESSION_ID).await?;
        stage.rival(&killing(session)).await;
        stage.db.assert_quiet().await;
        insert(&mut tx, 2).await.unwrap_err();
        insert(&mut tx, 3).await.unwrap_err();
        Ok(())
    }
    #[transactional]
    async fn lives(tx: DbTx<'_>) -> Result<(), AppError> {
        Ok(insert(&mut tx, 4).await?)
    }
    let (stage, log) = (Stage::of(1).await, Log::default());
    dies(&stage.pool, &stage, &log).await.unwrap_err();
    assert_eq!(log.notes(), ["ran"]);
    lives(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [4]);
    stage.end().await;
}

#[tokio::test]
async fn c73_killed_in_a_savepoint_or_before_commit_it_is_never_ok() {
    #[transactional(propagation = nested)]
    async fn dies(tx: DbTx<'_>, stage: &Stage) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        let session = number(&mut tx, SESSION_ID).await?;
        stage.rival(&killing(session)).await;
        stage.db.assert_quiet().await;
        Ok(())
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>, stage: &Stage, swallow: bool) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let died = dies(&mut tx, stage).await;
        if swallow { Ok(()) } else { died }
    }
    let stage = Stage::of(1).await;
    for swallow in [false, true] {
        outer(&stage.pool, &stage, swallow).await.unwrap_err();
        dies(&stage.pool, &stage).await.unwrap_err();
        assert_eq!(stage.stored().await, [0_i64; 0]);
    }
    stage.end().await;
}
