//! Blocking Diesel in services: pools of one's own, traits, trait objects.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use txkit::diesel::{PgReadTx, PgTx};
use txkit::{read_only, retry_on_conflict, transactional};

diesel::table! { purchase (id) { id -> BigInt, cents -> BigInt } }

type DbPool = Pool<ConnectionManager<PgConnection>>;

struct Orders {
    pool: DbPool,
    shared: Arc<DbPool>,
}

impl Orders {
    #[transactional(on = self.pool)]
    fn place(&self, tx: PgTx<'_>, cents: i64) -> QueryResult<usize> {
        diesel::insert_into(purchase::table)
            .values(purchase::cents.eq(cents))
            .execute(&mut tx)
    }

    #[transactional(on = &self.shared)]
    #[retry_on_conflict]
    fn replace(&self, tx: PgTx<'_>, name: String) -> QueryResult<usize> {
        self.join(&mut tx, 1)?;
        Ok(name.len())
    }

    #[read_only(on = self.pool())]
    fn count(&self, tx: &mut PgReadTx<'_>) -> QueryResult<i64> {
        purchase::table.count().get_result(tx)
    }

    #[transactional]
    fn join(&self, tx: &mut PgTx<'_>, id: i64) -> QueryResult<usize> {
        diesel::delete(purchase::table.find(id)).execute(tx)
    }

    fn pool(&self) -> &DbPool {
        &self.pool
    }
}

trait Ledger: Send + Sync {
    fn book(&self, tx: &mut PgTx<'_>, cents: i64) -> QueryResult<usize>;
    fn close(&self) -> QueryResult<()>;
}

impl Ledger for Orders {
    #[transactional(propagation = nested)]
    fn book(&self, tx: &mut PgTx<'_>, cents: i64) -> QueryResult<usize> {
        diesel::delete(purchase::table.filter(purchase::cents.lt(cents))).execute(tx)
    }

    #[transactional(on = self.pool)]
    fn close(&self, tx: PgTx<'_>) -> QueryResult<()> {
        self.book(&mut tx, 1).map(drop)
    }
}

#[transactional]
fn through_an_object(tx: PgTx<'_>, ledger: &dyn Ledger) -> QueryResult<usize> {
    ledger.book(&mut tx, 1)?;
    ledger.book(&mut tx, 2)
}

fn callers(pool: DbPool) -> QueryResult<()> {
    let shared = Arc::new(pool.clone());
    let orders = Orders { pool, shared };
    orders.place(1)?;
    orders.replace("one".into())?;
    orders.count()?;
    through_an_object(&orders.pool, &orders)?;
    std::thread::spawn(move || orders.close());
    Ok(())
}

/// From asynchronous code a blocking function is called on a thread for such calls.
async fn awaited(pool: DbPool, orders: Arc<Orders>) -> Result<usize, txkit::BoxError> {
    let placed = tokio::task::spawn_blocking(move || orders.place(1));
    let joined = tokio::task::spawn_blocking(move || txkit::transaction_blocking(&pool, delete));
    Ok(placed.await?? + joined.await??)
}

fn delete(tx: &mut PgTx<'_>) -> QueryResult<usize> {
    diesel::delete(purchase::table).execute(tx)
}
