//! What Diesel can do on MariaDB and MySQL alone, and what those do to its nested transactions.

use diesel::{ExpressionMethods as _, QueryDsl as _};

use super::only::deadlock;
use super::*;

diesel::table! {
    taken (id) {
        id -> BigInt,
        n -> BigInt,
    }
}

#[tokio::test]
async fn d01_locks_hold_and_replacing_works() {
    #[transactional]
    async fn works(tx: DbTx<'_>) -> Result<(), AppError> {
        let locked = taken::table.find(1).for_update().select(taken::n);
        assert_eq!(locked.first::<i64>(&mut tx).await?, 0);
        let replace = diesel::replace_into(taken::table).values((taken::id.eq(1), taken::n.eq(8)));
        replace.execute(&mut tx).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    works(&stage.pool).await.unwrap();
    let mut conn = stage.rival_connection().await;
    let n = raw_number(&mut conn, "SELECT n FROM taken WHERE id = 1").await;
    assert_eq!(n.unwrap(), 8);
    stage.end().await;
}

#[tokio::test]
async fn c39_a_deadlock_inside_diesels_nested_transaction_replays_everything() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn c39_native(tx: DbTx<'_>, stage: &Stage, log: &Log) -> Result<u32, AppError> {
        insert(&mut tx, 1).await?;
        let attempt = tx.attempt();
        let inner: Result<(), AppError> = tx
            .transaction(async |tx| {
                insert(tx, 2).await?;
                if attempt == 1 {
                    return Err(deadlock(tx, stage).await.into());
                }
                Ok(())
            })
            .await;
        if let Err(error) = &inner {
            log.add(error);
        }
        inner?;
        Ok(attempt)
    }
    let (stage, log) = (Stage::new().await, Log::default());
    let watch = watch!(c39_native);
    assert_eq!(c39_native(&stage.pool, &stage, &log).await.unwrap(), 2);
    let notes = log.notes();
    assert!(
        notes.len() == 1 && notes[0].contains("Deadlock"),
        "{notes:?}"
    );
    let replayed = "replayed 1: Some(Deadlock)".to_owned();
    assert!(watch.notes().contains(&replayed), "{:?}", watch.notes());
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn c39_swallowed_it_replays_as_well() {
    #[transactional]
    #[retry_on_conflict(attempts = 3)]
    async fn swallows(tx: DbTx<'_>, stage: &Stage) -> Result<u32, AppError> {
        insert(&mut tx, 1).await?;
        let attempt = tx.attempt();
        let _swallowed: Result<(), AppError> = tx
            .transaction(async |tx| {
                if attempt == 1 {
                    deadlock(tx, stage).await;
                }
                Ok(())
            })
            .await;
        Ok(attempt)
    }
    let stage = Stage::new().await;
    assert_eq!(swallows(&stage.pool, &stage).await.unwrap(), 2);
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test]
async fn r17_the_number_tells_and_not_the_words() {
    #[transactional]
    #[retry_on_conflict(attempts = 2, base = "1ms")]
    async fn once(tx: DbTx<'_>, number: u16, words: &str, batch: bool) -> Result<u32, AppError> {
        if tx.attempt() == 1 {
            let signal = format!(
                "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = '{words}'"
            );
            match batch {
                true => send(&mut tx, &signal).await?,
                false => drop(execute(&mut tx, &signal).await?),
            }
        }
        Ok(tx.attempt())
    }
    let stage = Stage::of(1).await;
    let words = "Deadlock found when trying to get lock; try restarting transaction";
    for batch in [false, true] {
        once(&stage.pool, 30001, words, batch).await.unwrap_err();
        let again = once(&stage.pool, 1205, "Warten Sie nicht", batch).await;
        assert_eq!(again.unwrap(), 2);
    }
    stage.end().await;
}

#[tokio::test]
async fn r17_warnings_before_the_error_do_not_hide_it() {
    #[transactional]
    #[retry_on_conflict(attempts = 2, base = "1ms")]
    async fn warned(tx: DbTx<'_>, number: u16) -> Result<u32, AppError> {
        if tx.attempt() == 1 {
            let block = format!(
                "BEGIN NOT ATOMIC SIGNAL SQLSTATE '01000' SET MYSQL_ERRNO = 1642, MESSAGE_TEXT = 'mind'; \
                 SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = 'no'; END"
            );
            send(&mut tx, &block).await?;
        }
        Ok(tx.attempt())
    }
    let stage = Stage::of(1).await;
    assert_eq!(warned(&stage.pool, 1205).await.unwrap(), 2);
    warned(&stage.pool, 1644).await.unwrap_err();
    stage.end().await;
}
