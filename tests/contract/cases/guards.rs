//! Drivers whose transactions are guards, which roll back when they are dropped.

use super::*;

#[tokio::test]
async fn c14_a_helper_that_drops_its_transaction_undoes_its_own_work_alone() {
    #[transactional]
    async fn with_dropper(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        tx.with_conn(async |conn| {
            let mut own = begin_by_driver(conn).await;
            raw_insert(&mut own, 2).await?;
            drop(own);
            Ok(())
        })
        .await?;
        insert(&mut tx, 3).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    with_dropper(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 3]);
    stage.end().await;
}
