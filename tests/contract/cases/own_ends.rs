//! What would end the transaction behind its handle's back: managers that are asked for an end without a beginning, texts
//! that hide behind a query's id, and nested transactions inside of someone else's.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};

use super::*;

/// Text that says of itself that it is always the same.
#[derive(QueryId)]
struct Claimed(&'static str);

impl<DB: diesel::backend::Backend> QueryFragment<DB> for Claimed {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> diesel::QueryResult<()> {
        if self.0 == "COMMIT" {
            pass.unsafe_to_cache_prepared();
        }
        pass.push_sql(self.0);
        Ok(())
    }
}

#[tokio::test]
async fn c09_an_error_swallowed_inside_a_nested_transaction_ends_no_more_than_that() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let nested: Result<(), AppError> = tx
            .transaction(async |tx| {
                let _swallowed = insert(tx, 1).await;
                Ok(())
            })
            .await;
        drop(nested);
        insert(&mut tx, 2).await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

#[tokio::test]
async fn r10b_an_end_without_a_beginning_finds_nothing_to_end() {
    type Ends<'t> = <DbTx<'t> as diesel_async::AsyncConnection>::TransactionManager;
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        for committing in [true, false] {
            let ended = if committing {
                Ends::commit_transaction(&mut tx).await
            } else {
                Ends::rollback_transaction(&mut tx).await
            };
            assert!(
                matches!(ended, Err(diesel::result::Error::NotInTransaction)),
                "{ended:?}"
            );
        }
        insert(&mut tx, 2).await?;
        Err(AppError::Declined(2))
    }
    let stage = Stage::of(1).await;
    let error = outer(&stage.pool).await.unwrap_err();
    assert!(matches!(error, AppError::Declined(2)), "{error:?}");
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn r10b_a_query_with_an_id_is_read_as_well() {
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        execute_query(&mut tx, Claimed("DELETE FROM item WHERE id = 7")).await?;
        let refused = execute_query(&mut tx, Claimed("COMMIT")).await.unwrap_err();
        let refused = txkit::Error::find(&refused);
        assert!(
            matches!(refused, Some(txkit::Error::Refused { .. })),
            "{refused:?}"
        );
        insert(&mut tx, 2).await?;
        Err(AppError::Declined(2))
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap_err();
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

async fn execute_query(tx: &mut DbTx<'_>, query: Claimed) -> Result<usize, DriverError> {
    diesel_async::AsyncConnectionCore::execute_returning_count(tx, query).await
}

#[tokio::test]
async fn r05_nested_in_a_transaction_begun_by_raw_sql_nothing_is_committed() {
    #[transactional]
    async fn ours(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        tx.transaction(async |tx| insert(tx, 3).await).await?;
        tx.with_conn(async |conn| {
            conn.transaction(async |conn| raw_insert(conn, 4).await)
                .await
        })
        .await?;
        Ok(())
    }
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    raw(&mut conn, "BEGIN").await.unwrap();
    raw_insert(&mut conn, 1).await.unwrap();
    ours(&mut *conn).await.unwrap();
    assert_eq!(raw_items(&mut conn).await.unwrap(), [1, 2, 3, 4]);
    raw(&mut conn, "ROLLBACK").await.unwrap();
    drop(conn);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[tokio::test]
async fn c20_an_annotated_function_joins_inside_a_nested_transaction() {
    #[transactional]
    async fn put(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(&mut tx, id).await?)
    }
    #[transactional]
    async fn outer(tx: DbTx<'_>) -> Result<(), AppError> {
        put(&mut tx, 1).await?;
        tx.transaction(async |tx| {
            put(&mut *tx, 2).await?;
            tx.transaction(async |tx| put(tx, 3).await).await
        })
        .await?;
        put(&mut tx, 4).await
    }
    let stage = Stage::of(1).await;
    outer(&stage.pool).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 3, 4]);
    stage.end().await;
}
