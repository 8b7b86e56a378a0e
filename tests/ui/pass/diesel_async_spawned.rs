//! Calls of diesel-async functions of every form are futures that can be spawned; hooks, services and trait objects, too.

use std::sync::Arc;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::pooled_connection::{bb8, deadpool};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl, SaveChangesDsl};
use txkit::diesel_async::{PgReadTx, PgTx, SqliteConnection, SqliteTx};
use txkit::{AsyncConnection, RolledBack, Tx, read_only, retry_on_conflict, transactional};

diesel::table! { purchase (id) { id -> BigInt, cents -> BigInt } }

#[derive(Clone, Debug, Queryable, Identifiable, AsChangeset)]
#[diesel(table_name = purchase)]
struct Purchase {
    id: i64,
    cents: i64,
}

#[transactional]
#[retry_on_conflict]
async fn place(tx: PgTx<'_>, name: &str, order: Purchase) -> QueryResult<usize> {
    let saved: Purchase = order.save_changes(&mut tx).await?;
    tx.after_commit(async || println!("placed"));
    tx.after_commit(|| println!("placed"));
    tx.after_commit(|| async { Ok::<(), diesel::result::Error>(()) });
    tx.after_rollback(async |reason: RolledBack| println!("{reason:?}"));
    tx.before_commit(|tx| {
        Box::pin(async move {
            let left: i64 = purchase::table.count().get_result(tx).await?;
            (left > 0).then_some(()).ok_or_else(|| "none".into())
        })
    });
    tx.transaction(async |tx| join(tx).await).await?;
    join(&mut tx).await?;
    count(&mut tx).await?;
    println!("{name}: {saved:?}");
    on_any_engine(&mut tx).await?;
    Ok(1)
}

#[transactional]
async fn join(tx: &mut PgTx<'_>) -> QueryResult<usize> {
    tx.with_conn(async |conn| diesel::delete(purchase::table).execute(conn).await)
        .await
}

#[read_only]
async fn count(tx: PgReadTx<'_>) -> QueryResult<i64> {
    purchase::table.count().get_result(&mut tx).await
}

#[transactional]
async fn bare(conn: &mut AsyncPgConnection) -> QueryResult<usize> {
    diesel::delete(purchase::table).execute(conn).await
}

#[transactional]
async fn on_any_engine<C: AsyncConnection>(tx: Tx<'_, C>) -> Result<u32, txkit::Error> {
    Ok(tx.attempt())
}

#[transactional]
async fn on_sqlite(tx: SqliteTx<'_>) -> QueryResult<usize> {
    diesel::delete(purchase::table).execute(&mut tx).await
}

#[async_trait]
trait Orders: Send + Sync {
    async fn place(&self, tx: &mut PgTx<'_>, id: i64) -> QueryResult<usize>;
    async fn begin(&self, name: String) -> QueryResult<usize>;
}

struct Stored {
    pool: bb8::Pool<AsyncPgConnection>,
    other: deadpool::Pool<AsyncPgConnection>,
}

#[async_trait]
impl Orders for Stored {
    #[transactional]
    async fn place(&self, tx: &mut PgTx<'_>, id: i64) -> QueryResult<usize> {
        diesel::delete(purchase::table.find(id)).execute(tx).await
    }

    #[transactional(on = self.pool)]
    #[retry_on_conflict]
    async fn begin(&self, tx: PgTx<'_>, name: String) -> QueryResult<usize> {
        self.place(&mut tx, 1).await?;
        Ok(name.len())
    }
}

impl Stored {
    #[transactional(on = &self.other)]
    async fn run(&self, tx: PgTx<'_>) -> QueryResult<usize> {
        join(&mut tx).await
    }
}

#[transactional]
async fn through_an_object(tx: PgTx<'_>, orders: Arc<dyn Orders>) -> QueryResult<usize> {
    orders.place(&mut tx, 1).await?;
    orders.begin("two".into()).await
}

fn all(
    pool: bb8::Pool<AsyncPgConnection>,
    lite: deadpool::Pool<SqliteConnection>,
    orders: Arc<Stored>,
) {
    let object: Arc<dyn Orders> = orders.clone();
    tokio::spawn({
        let pool = pool.clone();
        async move { through_an_object(&pool, object).await }
    });
    tokio::spawn(async move { orders.run().await });
    tokio::spawn(async move { on_sqlite(&lite).await });
    tokio::spawn(async move {
        let order = Purchase { id: 1, cents: 1 };
        place(&pool, "name", order.clone()).await?;
        let mut conn = pool.get().await?;
        bare(&mut conn).await?;
        place(&mut conn, "name", order).await?;
        txkit::transaction(&pool, async |tx: &mut PgTx<'_>| join(tx).await).await?;
        let mut open = txkit::begin(&pool).await?;
        join(&mut open.tx()).await?;
        open.commit().await?;
        let gone = txkit::test::rolled_back(&pool, async |tx| join(tx).await).await??;
        Ok::<_, txkit::BoxError>(gone)
    });
}
