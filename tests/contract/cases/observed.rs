//! What those who watch are told: one span and one pair of events for each transaction, none for a plain helper.

use super::*;

#[tokio::test]
async fn c25_a_plain_helper_is_no_transaction_of_its_own_in_the_trace() {
    async fn helper(tx: &mut DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(tx, id).await?)
    }
    #[transactional]
    async fn joined(tx: DbTx<'_>) -> Result<(), AppError> {
        helper(&mut tx, 2).await
    }
    #[read_only(propagation = requires_new, name = "beside")]
    async fn beside(tx: DbReadTx<'_>) -> Result<(), AppError> {
        items(&mut tx).await?;
        Err(AppError::Other)
    }
    #[serializable(name = "outer")]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        helper(&mut tx, 1).await?;
        joined(&mut tx).await?;
        beside(&mut tx).await.unwrap_err();
        Ok(())
    }
    let stage = Stage::new().await;
    let (spans, guard) = Spans::listen();
    outer(&stage.pool).await.unwrap();
    drop(guard);
    let fields = [
        "name",
        "propagation",
        "isolation",
        "attempt",
        "outcome",
        "conflict",
    ];
    let expected = [
        "outer required serializable 1 committed",
        "beside requires_new default 1 rolled_back",
    ];
    assert_eq!(spans.lines(&fields), expected);
    stage.end().await;
}

#[tokio::test]
async fn r23_a_conflict_and_each_attempt_are_in_the_spans() {
    #[transactional(name = "contended")]
    #[retry_on_conflict(attempts = 3)]
    async fn contended(tx: DbTx<'_>, obstacle: &Obstacle) -> Result<(), AppError> {
        if tx.attempt() == 2 {
            obstacle.remove().await;
        }
        Ok(obstacle.meet(&mut tx).await?)
    }
    let (stage, obstacle) = Obstacle::stage().await;
    let (spans, guard) = Spans::listen();
    contended(&stage.pool, &obstacle).await.unwrap();
    drop(guard);
    let conflict = CONFLICT.name();
    let expected = [
        format!("1 rolled_back {conflict}"),
        "2 committed".to_owned(),
    ];
    assert_eq!(spans.lines(&["attempt", "outcome", "conflict"]), expected);
    stage.end().await;
}

#[tokio::test]
async fn r23_an_observer_may_come_and_go() {
    #[transactional]
    async fn r23_place(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(&mut tx, id).await?)
    }
    let stage = Stage::new().await;
    let (first, second) = (watch!(r23_place), watch!(r23_place));
    r23_place(&stage.pool, 1).await.unwrap();
    assert_eq!(first.notes(), second.notes());
    assert_eq!(first.notes().len(), 2);
    let gone = second.notes().len();
    let recorder = second.leave();
    r23_place(&stage.pool, 2).await.unwrap();
    assert_eq!((first.notes().len(), recorder.notes().len()), (4, gone));
    stage.end().await;
}
