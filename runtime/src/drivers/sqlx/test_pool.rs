//! A pool for tests of code that holds one: its only connection is in a transaction that never commits.

use sqlx_core::Error;
use sqlx_core::database::Database;
use sqlx_core::pool::{Pool, PoolOptions};

use crate::connection::{AsyncConnection, Connection, Origin, Plan};
use crate::gate;

/// A pool of one connection to the same database, which is in a transaction already.
///
/// For code that holds its pool (`#[transactional(on = self.pool)]`): its transactions become savepoints, as under
/// [`txkit::test::rolled_back`](crate::test::rolled_back), and vanish when the pool is dropped. A transaction that is
/// cancelled takes the connection, and all the test's work, with it.
///
/// # Errors
///
/// That the connection could not be opened.
pub async fn test_pool<DB>(pool: &Pool<DB>) -> Result<Pool<DB>, Error>
where
    DB: Database,
    DB::Connection: AsyncConnection<Error = Error, Pool = Pool<DB>>,
{
    let options = pool.connect_options();
    let pool = PoolOptions::<DB>::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|conn, _| Box::pin(begin(conn)))
        .connect_with(options.as_ref().clone())
        .await?;
    let facts = DB::Connection::facts(&pool);
    let about = || (false, DB::Connection::lives(&pool));
    gate::gate(facts.identity, facts.max, || 0, about).set_test();
    Ok(pool)
}

/// As for a connection that is lent: the driver counts the transaction, so that a `begin` by hand nests in it.
async fn begin<C: AsyncConnection<Error = Error>>(conn: &mut C) -> Result<(), Error> {
    let plan = Plan {
        origin: Origin::Lent,
        isolation: None,
        read_only: false,
        deferrable: false,
        timeout: None,
        statement_timeout: None,
        lock_timeout: None,
    };
    let begun = conn.begin(&plan, &mut C::Memory::default()).await;
    begun.map(drop).map_err(|not_begun| not_begun.error)
}
