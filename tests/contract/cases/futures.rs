//! What only futures can do: be dropped half-way, at any await, and stand in `async_trait`s.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::*;

#[tokio::test]
async fn r11_a_join_that_is_dropped_before_it_finishes_marks() {
    #[transactional]
    async fn never_ends(tx: DbTx<'_>, reached: &Notify) -> Result<(), AppError> {
        insert(&mut tx, 2).await?;
        reached.notify_one();
        std::future::pending::<()>().await;
        Ok(())
    }
    #[transactional]
    async fn gives_up(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let reached = Notify::new();
        let mut attempt = Box::pin(never_ends(&mut tx, &reached));
        // As `select!` would: until the statement is done, and then no longer.
        until(&reached, attempt.as_mut()).await;
        drop(attempt);
        Ok(())
    }
    let stage = Stage::new().await;
    let error = gives_up(&stage.pool).await.unwrap_err().transaction();
    assert!(
        matches!(
            error,
            txkit::Error::RollbackOnly { .. } | txkit::Error::Poisoned { .. }
        ),
        "{error:?}"
    );
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}

#[transactional]
async fn never_ends(tx: DbTx<'_>, id: i64, reached: &Notify) -> Result<(), AppError> {
    insert(&mut tx, id).await?;
    reached.notify_one();
    std::future::pending().await
}

#[tokio::test]
async fn r05_dropped_half_way_ours_is_undone_and_theirs_goes_on() {
    let reached = Notify::new();
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    let mut theirs = begin_by_driver(&mut conn).await;
    raw_insert(&mut theirs, 1).await.unwrap();
    let mut call = Box::pin(never_ends(&mut *theirs, 2, &reached));
    until(&reached, call.as_mut()).await;
    drop(call);
    if UNDOES_IN_DROP {
        raw_insert(&mut theirs, 3).await.unwrap();
        theirs.commit().await.unwrap();
        drop(conn);
        assert_eq!(stage.stored().await, [1, 3]);
    } else {
        // The connection is broken: theirs cannot be committed, and the pool closes it.
        let _perhaps_refused = raw_insert(&mut theirs, 3).await;
        theirs.commit().await.unwrap_err();
        drop(conn);
        assert_eq!(stage.stored().await, [0_i64; 0]);
    }
    stage.end().await;
}

#[tokio::test]
async fn r05_dropped_half_way_in_a_transaction_begun_by_raw_sql_ours_is_undone_or_the_next_one_is_told()
 {
    let reached = Notify::new();
    let stage = Stage::of(1).await;
    let mut conn = stage.lease().await;
    raw(&mut conn, "BEGIN").await.unwrap();
    raw_insert(&mut conn, 1).await.unwrap();
    let mut call = Box::pin(never_ends(&mut conn, 2, &reached));
    until(&reached, call.as_mut()).await;
    drop(call);
    if UNDOES_IN_DROP {
        raw_insert(&mut conn, 3).await.unwrap();
        raw(&mut conn, "COMMIT").await.unwrap();
        drop(conn);
        assert_eq!(stage.stored().await, [1, 3]);
    } else {
        // The connection is broken: the next transaction on it is told, and the pool closes it. (A COMMIT by raw SQL would go
        // through: nothing can be put in its way.)
        let refused = never_ends(&mut *conn, 3, &reached).await.unwrap_err();
        let refused = refused.transaction();
        assert!(matches!(refused, txkit::Error::Begin { .. }), "{refused:?}");
        drop(conn);
        assert_eq!(stage.stored().await, [0_i64; 0]);
    }
    stage.end().await;
}

#[tokio::test]
async fn c70_given_up_while_its_hooks_run_the_callers_connection_is_as_good_as_before() {
    #[transactional]
    async fn announces(tx: DbTx<'_>, reached: Arc<Notify>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        tx.after_commit(async move || {
            reached.notify_one();
            std::future::pending::<()>().await;
        });
        Ok(())
    }
    #[transactional]
    async fn put(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(&mut tx, id).await?)
    }
    let stage = Stage::of(1).await;
    let reached = Arc::new(Notify::new());
    let mut conn = stage.lease().await;
    let mut call = Box::pin(announces(&mut *conn, reached.clone()));
    until(&reached, call.as_mut()).await;
    drop(call);
    put(&mut *conn, 2).await.unwrap();
    drop(conn);
    assert_eq!(stage.stored().await, [1, 2]);
    stage.end().await;
}

struct Table {
    pool: Pool,
}

#[async_trait::async_trait]
trait DynStore: Send + Sync {
    async fn put(&self, tx: &mut DbTx<'_>, id: i64) -> Result<(), AppError>;
    async fn put_alone(&self, id: i64, fail: bool) -> Result<i64, AppError>;
}

#[async_trait::async_trait]
impl DynStore for Table {
    #[transactional]
    async fn put(&self, tx: &mut DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(tx, id).await?)
    }

    #[transactional(on = self.pool)]
    #[retry_on_conflict]
    async fn put_alone(&self, tx: DbTx<'_>, id: i64, fail: bool) -> Result<i64, AppError> {
        DynStore::put(self, &mut tx, id).await?;
        if fail { Err(AppError::Other) } else { Ok(id) }
    }
}

#[tokio::test]
async fn c82_under_async_trait_and_dyn() {
    let stage = Stage::of(1).await;
    let store: Arc<dyn DynStore> = Arc::new(Table {
        pool: stage.pool.clone(),
    });
    let spawned = store.clone();
    let task = spawn(async move { spawned.put_alone(1, false).await });
    finished(task).await.unwrap();
    store.put_alone(2, true).await.unwrap_err();
    let both: Result<(), AppError> =
        txkit::transaction(&stage.pool, async |tx| store.put(tx, 3).await).await;
    both.unwrap();
    assert_eq!(stage.stored().await, [1, 3]);
    stage.end().await;
}

/// Inserts, waits for a moment, joins, and nests: many awaits to be dropped at.
#[transactional(lock_timeout = "3s")]
async fn many_awaits(tx: DbTx<'_>) -> Result<(), AppError> {
    insert(&mut tx, 1).await?;
    yield_now().await;
    nested(&mut tx).await?;
    insert(&mut tx, 3).await?;
    Ok(())
}

#[transactional(propagation = nested)]
async fn nested(tx: DbTx<'_>) -> Result<(), AppError> {
    Ok(insert(&mut tx, 2).await?)
}

/// Polls a future some times, and drops it if it is not done by then; whether it was.
async fn dropped_after<F: Future>(polls: u32, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        let poll =
            std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx))).await;
        match poll {
            std::task::Poll::Ready(output) => return Some(output),
            // The driver's own tasks and threads, and the server, get time to answer.
            std::task::Poll::Pending => sleep(Duration::from_millis(3)).await,
        }
    }
    None
}

#[tokio::test]
async fn c70_c71_dropped_at_every_await_the_next_borrower_sees_nothing() {
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    for polls in 1.. {
        assert!(polls < 500, "it never ends");
        let ended = dropped_after(polls, many_awaits(&stage.pool)).await;
        assert_unchanged(&before, &stage.session().await);
        stage.db.assert_quiet().await;
        let stored = stage.stored().await;
        if let Some(result) = ended {
            result.unwrap();
            assert_eq!(stored, [1, 2, 3]);
            break;
        }
        // Dropped while COMMIT was under way, it may have been committed: whole, or not at all.
        assert!(
            stored.is_empty() || stored == [1, 2, 3],
            "{polls}: {stored:?}"
        );
        stage.rival("DELETE FROM item").await;
    }
    stage.end().await;
}

#[tokio::test]
async fn c76_a_statement_dropped_unfinished_poisons_the_transaction() {
    #[transactional]
    async fn impatient(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        let statement = number(&mut tx, SLOW);
        let answer = dropped_after(1, statement).await;
        assert!(answer.is_none(), "it was too fast");
        insert(&mut tx, 2).await.unwrap_err();
        Ok(())
    }
    let stage = Stage::of(1).await;
    let before = stage.session().await;
    let error = impatient(&stage.pool).await.unwrap_err().transaction();
    assert!(matches!(error, txkit::Error::Poisoned { .. }), "{error:?}");
    assert_unchanged(&before, &stage.session().await);
    assert_eq!(stage.stored().await, [0_i64; 0]);
    stage.end().await;
}
