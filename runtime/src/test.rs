//! Production code in tests: inside a transaction that is rolled back, or by a clock of the test's own.
//!
//! Code that takes a handle or a pool runs under [`rolled_back`]. Code that holds a pool of its own gets one whose only
//! connection is in a transaction already, see `txkit::sqlx::test_pool`.

use std::future::Future;
use std::sync::Arc;

use crate::call::{Call, Caught, Verdict};
use crate::clock::{self, ByClock, Clock};
use crate::connection::{AsyncConnection, BlockingConnection};
use crate::definition::Definition;
use crate::error::Error;
use crate::outcome::evidence;
use crate::source::{Pool, Source};
use crate::state::Footing;
use crate::tx::Tx;

/// Runs `body` inside a transaction that is rolled back in the end, whatever happens.
///
/// Transactional functions that are given its handle behave as they do in production, as far as one connection can:
/// each outermost one is a *logical* transaction, a savepoint that commits or rolls back on its own and runs its own
/// hooks; deferred constraints are checked when it commits (PostgreSQL); `requires_new` is a savepoint too, and so
/// cannot survive its caller. Nothing is retried, and isolation levels and timeouts do not apply.
///
/// ```
/// # use txkit::sqlx::SqliteTx;
/// #[txkit::transactional]
/// async fn deposit(tx: SqliteTx<'_>, cents: i64) -> Result<i64, sqlx::Error> {
///     sqlx::query("UPDATE account SET cents = cents + ?").bind(cents).execute(&mut tx).await?;
///     sqlx::query_scalar("SELECT cents FROM account").fetch_one(&mut tx).await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let pool = sqlx::SqlitePool::connect("sqlite::memory:").await?;
/// # sqlx::raw_sql("CREATE TABLE account (cents INTEGER); INSERT INTO account VALUES (0)").execute(&pool).await?;
/// let seen = txkit::test::rolled_back(&pool, async |tx| deposit(tx, 250).await).await??;
/// assert_eq!(seen, 250);
///
/// let left: i64 = sqlx::query_scalar("SELECT cents FROM account").fetch_one(&pool).await?;
/// assert_eq!(left, 0);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Whatever keeps the test's transaction from beginning.
pub async fn rolled_back<P, T>(
    pool: &P,
    body: impl AsyncFnOnce(&mut Tx<'_, P::Conn>) -> T,
) -> Result<T, Error>
where
    P: Pool<Conn: AsyncConnection>,
{
    static TEST: Definition = Definition::new("txkit::test::rolled_back", file!(), line!());
    let mut call = Call::new(Source::Pool(pool.shared()), &TEST);
    let mut entered = call.enter().await?;
    let guard = entered.guard();
    let mut tx: Tx<'_, P::Conn> = entered.handle();
    tx.state.footing = Footing::TestRoot;
    let (value, caught) = planned(guard.run(async move { body(&mut tx).await }).await);
    let over = call
        .finish_once(caught, Verdict::default(), evidence())
        .await;
    told(&TEST, value, over)
}

/// Runs a closure that is not `async` inside a transaction that is rolled back in the end, whatever happens; see
/// [`rolled_back`], whose every word holds here.
///
/// # Errors
///
/// Whatever keeps the test's transaction from beginning.
pub fn rolled_back_blocking<P, T>(
    pool: &P,
    body: impl FnOnce(&mut Tx<'_, P::Conn>) -> T,
) -> Result<T, Error>
where
    P: Pool<Conn: BlockingConnection>,
{
    static TEST: Definition =
        Definition::new("txkit::test::rolled_back_blocking", file!(), line!());
    let mut call = Call::new(Source::Pool(pool.shared()), &TEST);
    let mut entered = call.enter_blocking()?;
    let guard = entered.guard();
    let mut tx: Tx<'_, P::Conn> = entered.handle();
    tx.state.footing = Footing::TestRoot;
    let (value, caught) = planned(guard.run_blocking(move || body(&mut tx)));
    let over = call.finish_once_blocking(caught, Verdict::default(), evidence());
    told(&TEST, value, over)
}

/// A body's value, and what its transaction is told in its place: to roll back.
fn planned<T>(caught: Caught<T>) -> (Option<T>, Caught<Result<(), Over>>) {
    match caught {
        Caught::Returned(value) => (Some(value), Caught::Returned(Err(Over::AsPlanned))),
        Caught::Panicked(panic) => (None, Caught::Panicked(panic)),
        Caught::TimedOut => (None, Caught::TimedOut),
    }
}

/// What the test is told.
fn told<T>(test: &Definition, value: Option<T>, over: Result<(), Over>) -> Result<T, Error> {
    match (value, over) {
        (_, Err(Over::Failed(error))) => Err(error),
        (Some(value), _) => Ok(value),
        (None, _) => Err(Error::Timeout {
            function: test.name,
            timeout: Default::default(),
        }),
    }
}

/// Why a test's transaction was rolled back.
enum Over {
    AsPlanned,
    Failed(Error),
}

impl From<Error> for Over {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Runs a future by another clock: deadlines, retry budgets and pauses go by it.
///
/// It holds for this future, not for the tasks it spawns.
pub async fn with_clock<F: Future>(clock: Arc<dyn Clock>, future: F) -> F::Output {
    ByClock {
        clock,
        future: Box::pin(future),
    }
    .await
}

/// Runs a closure by another clock; the same for blocking code.
pub fn with_clock_blocking<R>(clock: &Arc<dyn Clock>, run: impl FnOnce() -> R) -> R {
    clock::within(clock, run)
}
