//! Where an annotated function may stand: traits, generics, methods, `impl Trait`; and side by side.

use std::sync::Arc;

use super::*;

#[tokio::test]
async fn c80_concurrent_transactions_do_not_see_each_other() {
    #[transactional]
    async fn writes(tx: DbTx<'_>, barrier: Arc<Barrier>) -> Result<(), AppError> {
        insert(&mut tx, 1).await?;
        barrier.wait().await;
        barrier.wait().await;
        Ok(())
    }
    #[read_only]
    async fn reads(tx: DbReadTx<'_>, barrier: Arc<Barrier>) -> Result<Vec<i64>, AppError> {
        barrier.wait().await;
        let seen = items(&mut tx).await?;
        barrier.wait().await;
        Ok(seen)
    }
    let (stage, barrier) = (Stage::of(2).await, Arc::new(Barrier::new(2)));
    let (pool, beside) = (stage.pool.clone(), barrier.clone());
    let writer = spawn(async move { writes(&pool, beside).await });
    let seen = reads(&stage.pool, barrier).await;
    finished(writer).await.unwrap();
    assert_eq!(seen.unwrap(), [0_i64; 0]);
    assert_eq!(stage.stored().await, [1]);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c80_many_at_once_each_commits_its_own() {
    #[transactional]
    async fn place(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        insert(&mut tx, id).await?;
        let seen = number(
            &mut tx,
            &format!("SELECT count(*) FROM item WHERE id = {}", id + 1000),
        )
        .await?;
        assert_eq!(seen, 0, "someone else's half-done work");
        insert(&mut tx, id + 1000).await?;
        if id % 2 == 0 {
            Ok(())
        } else {
            Err(AppError::Other)
        }
    }
    let stage = Stage::of(4).await;
    let tasks: Vec<_> = (0..32_i64)
        .map(|id| {
            let pool = stage.pool.clone();
            spawn(async move { (id, place(&pool, id).await) })
        })
        .collect();
    for task in tasks {
        let (id, result) = finished(task).await;
        assert_eq!(result.is_ok(), id % 2 == 0, "{id}: {result:?}");
    }
    let even = (0..32).step_by(2);
    let expected: Vec<i64> = even.clone().chain(even.map(|id| id + 1000)).collect();
    assert_eq!(stage.stored().await, expected);
    stage.end().await;
}

mod traits {
    use super::*;

    trait Store {
        fn put(
            &self,
            tx: &mut DbTx<'_>,
            id: i64,
        ) -> impl Future<Output = Result<(), AppError>> + Send;
        fn put_alone(&self, id: i64) -> impl Future<Output = Result<(), AppError>> + Send;
    }

    struct Table {
        pool: Pool,
    }

    impl Store for Table {
        #[transactional]
        async fn put(&self, tx: &mut DbTx<'_>, id: i64) -> Result<(), AppError> {
            Ok(insert(tx, id).await?)
        }

        #[transactional(on = self.pool)]
        async fn put_alone(&self, tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
            insert(&mut tx, id).await?;
            Store::put(self, &mut tx, id + 1).await
        }
    }

    #[tokio::test]
    async fn c82_in_traits() {
        #[transactional]
        async fn through<S: Store + Sync>(
            tx: DbTx<'_>,
            store: &S,
            fail: bool,
        ) -> Result<(), AppError> {
            store.put(&mut tx, 1).await?;
            if fail { Err(AppError::Other) } else { Ok(()) }
        }
        let stage = Stage::of(1).await;
        let table = Table {
            pool: stage.pool.clone(),
        };
        through(&stage.pool, &table, true).await.unwrap_err();
        assert_eq!(stage.stored().await, [0_i64; 0]);
        through(&stage.pool, &table, false).await.unwrap();
        Store::put_alone(&table, 2).await.unwrap();
        assert_eq!(stage.stored().await, [1, 2, 3]);
        stage.end().await;
    }
}

#[tokio::test]
async fn c82_with_generics_impl_trait_and_patterns() {
    #[derive(Clone)]
    struct Order {
        id: i64,
        lines: Vec<i64>,
    }
    #[transactional]
    async fn place<T, const N: usize>(
        tx: DbTx<'_>,
        Order { id, lines }: Order,
        more: [T; N],
        extra: impl IntoIterator<Item = i64, IntoIter: Send> + Send,
        mut note: String,
    ) -> Result<impl Iterator<Item = i64>, AppError>
    where
        T: Into<i64> + Copy + Send,
    {
        note.push('!');
        let all: Vec<i64> = std::iter::once(id)
            .chain(lines)
            .chain(more.into_iter().map(Into::into))
            .chain(extra)
            .collect();
        for id in &all {
            insert(&mut tx, *id).await?;
        }
        assert_eq!(note, "hello!");
        Ok(all.into_iter())
    }
    let stage = Stage::of(1).await;
    let order = Order {
        id: 1,
        lines: vec![2, 3],
    };
    let ids = place(&stage.pool, order, [4_i32, 5], vec![6], "hello".to_owned()).await;
    assert_eq!(ids.unwrap().collect::<Vec<_>>(), stage.stored().await);
    assert_eq!(stage.stored().await, [1, 2, 3, 4, 5, 6]);
    stage.end().await;
}

#[tokio::test]
async fn c82_methods_borrow_and_futures_are_send() {
    struct Till<'a> {
        name: &'a str,
    }
    impl<'a> Till<'a> {
        #[transactional]
        #[retry_on_conflict]
        async fn ring(&self, tx: DbTx<'_>, ids: &[i64]) -> Result<&'a str, AppError> {
            for id in ids {
                insert(&mut tx, *id).await?;
            }
            Ok(self.name)
        }

        #[transactional]
        async fn closing(self, tx: DbTx<'_>) -> Result<String, AppError> {
            insert(&mut tx, 9).await?;
            Ok(self.name.to_uppercase())
        }
    }
    fn send<T: Send>(future: T) -> T {
        future
    }
    let stage = Stage::of(1).await;
    let till = Till { name: "front" };
    assert_eq!(
        send(till.ring(&stage.pool, &[1, 2])).await.unwrap(),
        "front"
    );
    assert_eq!(send(till.closing(&stage.pool)).await.unwrap(), "FRONT");
    assert_eq!(stage.stored().await, [1, 2, 9]);
    stage.end().await;
}

#[tokio::test]
async fn c82_a_recursive_function_joins_itself() {
    #[transactional]
    async fn countdown(tx: DbTx<'_>, n: i64) -> Result<(), AppError> {
        insert(&mut tx, n).await?;
        if n > 1 {
            Box::pin(countdown(&mut tx, n - 1)).await?;
        }
        Ok(())
    }
    let stage = Stage::of(1).await;
    let pool = stage.pool.clone();
    let task = spawn(async move { countdown(&pool, 4).await });
    finished(task).await.unwrap();
    assert_eq!(stage.stored().await, [1, 2, 3, 4]);
    stage.end().await;
}

#[tokio::test]
async fn c82_a_shared_pool_a_leased_connection_and_a_drivers_transaction_will_do() {
    #[transactional]
    async fn place(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(&mut tx, id).await?)
    }
    let stage = Stage::of(2).await;
    let shared = Arc::new(stage.pool.clone());
    place(&shared, 1).await.unwrap();
    let mut leased = stage.lease().await;
    place(&mut leased, 2).await.unwrap();
    place(&mut *leased, 3).await.unwrap();
    let mut theirs = begin_by_driver(&mut leased).await;
    place(&mut *theirs, 4).await.unwrap();
    theirs.commit().await.unwrap();
    drop(leased);
    assert_eq!(stage.stored().await, [1, 2, 3, 4]);
    stage.end().await;
}
