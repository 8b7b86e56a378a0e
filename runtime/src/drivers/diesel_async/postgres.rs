//! PostgreSQL through diesel-async: a line to it, its statements, and the ports.
//!
//! The driver sends what is given to it even if nobody waits for the answer, and answers in order: what was begun can
//! always be undone by a ROLLBACK that is sent and not waited for.

use std::pin::pin;
use std::task::{Context, Waker};

use diesel::QueryResult;
use diesel::connection::TransactionManagerStatus;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::sql_types::Text;
use diesel_async::pg::AsyncPgConnection;
use diesel_async::{
    AnsiTransactionManager, AsyncConnectionCore, RunQueryDsl, SimpleAsyncConnection,
    TransactionManager,
};
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;

use super::super::diesel_core::postgres::{self, Memory, PgLine};
use super::super::diesel_core::{Line, depth, disable, in_test, is_broken, set_depth, text_of};
use super::super::engines::postgres::ENGINE;
use super::super::engines::undo_sql;
use super::connection::{Statements, Watched};
use super::pool::pools;
use crate::conflict::Failure;
use crate::connection::{
    Answer, AsyncConnection, Begun, Connection, Deferrable, Engine, NotBegun, Origin, Plan,
    PoolFacts, StatementTimeout, Undone,
};
use crate::gate::Lives;
use crate::hooks::Async;
use crate::state::{Footing, State};
use crate::tx::InFlight;

pools!(AsyncPgConnection);

impl Line for AsyncPgConnection {
    async fn send(&mut self, sql: &str) -> QueryResult<()> {
        self.batch_execute(sql).await
    }

    fn status(&mut self) -> &mut TransactionManagerStatus {
        AnsiTransactionManager::transaction_manager_status_mut(self)
    }
}

impl PgLine for AsyncPgConnection {
    async fn is_open(&mut self) -> QueryResult<bool> {
        is_open(self).await
    }

    async fn answers(&mut self) -> bool {
        self.batch_execute("ROLLBACK").await.is_ok()
    }
}

/// Whether a transaction is open, whoever began it: inside of one, time stands still. Both questions are sent at once.
async fn is_open(conn: &AsyncPgConnection) -> QueryResult<bool> {
    let ask = async |mut conn: &AsyncPgConnection| {
        let now = diesel::dsl::sql::<Text>("SELECT now()::text");
        RunQueryDsl::get_result::<String>(now, &mut conn).await
    };
    let (one, other) = futures_util::future::try_join(ask(conn), ask(conn)).await?;
    Ok(one == other)
}

/// The same; an aborted transaction, which refuses the question, is there.
async fn alive(mut conn: &AsyncPgConnection) -> QueryResult<bool> {
    match is_open(conn).await {
        Ok(open) => Ok(open),
        // Every transaction has room for an empty message.
        Err(error) => match conn.batch_execute("").await {
            Ok(()) => Ok(true),
            Err(_) => Err(error),
        },
    }
}

#[diagnostic::do_not_recommend]
impl Connection for AsyncPgConnection {
    type Mode = Async;
    type Pool = Pool;
    type Lease = Lease;
    type Error = Error;
    type Memory = Memory;

    const ENGINE: Engine = ENGINE;

    fn facts(pool: &Pool) -> PoolFacts {
        pool.facts()
    }

    fn age(pool: &Pool) -> u64 {
        pool.age()
    }

    fn lives(pool: &Pool) -> Lives {
        pool.lives()
    }

    fn depth(&mut self) -> usize {
        depth(self.status())
    }

    fn in_test(&mut self) -> bool {
        in_test(self.status())
    }

    fn classify(error: &Error) -> Failure {
        postgres::classify(error)
    }

    fn classify_dyn(error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
        postgres::classify_dyn(error)
    }

    fn unnested(memory: &mut Memory, depth: u32) {
        memory.unnested(depth);
    }

    fn abandon(&mut self, memory: &mut Memory, _: Origin, _: bool) -> bool {
        let (undo, level) = match &memory.foreign {
            Some(foreign) => (undo_sql(&foreign.name), foreign.depth),
            None if !memory.opened => return true,
            None => ("ROLLBACK".to_owned(), 0),
        };
        if is_broken(self.status()) {
            return false;
        }
        {
            let mut sent = pin!(self.batch_execute(&undo));
            // It is on its way after the first poll. What becomes of it is seen when the connection is used again.
            let _pending = sent.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
        set_depth(self.status(), 0);
        // One of the driver's own steps that was dropped half-way breaks its count for good.
        let usable = !AnsiTransactionManager::is_broken_transaction_manager(self);
        set_depth(self.status(), level);
        usable
    }

    fn discard(mut lease: Lease, _: &mut Memory) {
        disable(lease.status());
        lease.close();
    }

    fn spoil(lease: &mut Lease) {
        disable(lease.status());
    }

    fn disable(&mut self, _: &mut Memory) {
        disable(self.status());
    }
}

#[diagnostic::do_not_recommend]
impl Deferrable for AsyncPgConnection {}
#[diagnostic::do_not_recommend]
impl StatementTimeout for AsyncPgConnection {}

#[diagnostic::do_not_recommend]
impl AsyncConnection for AsyncPgConnection {
    async fn lease(pool: &Pool) -> Result<Lease, Error> {
        pool.clone().lease().await
    }

    async fn begin(&mut self, plan: &Plan, memory: &mut Memory) -> Result<Begun, NotBegun<Error>> {
        postgres::begin(self, plan, memory).await
    }

    async fn commit(&mut self, memory: &mut Memory) -> Answer<Error> {
        postgres::commit(self, memory).await
    }

    async fn rollback(&mut self, memory: &mut Memory, _: bool) -> Result<Undone<Error>, Error> {
        postgres::rollback(self, memory).await
    }

    async fn control(&mut self, sql: String) -> Result<(), Error> {
        self.batch_execute(&sql).await
    }

    async fn alive(&mut self) -> Result<bool, Error> {
        alive(self).await
    }

    async fn lend(&mut self, memory: &mut Memory, depth: u32) -> Result<(), Error> {
        postgres::lend(self, memory, depth).await
    }
}

/// As `reassure`, with the connection shared: a statement that is not sent yet borrows it already.
async fn reassure(
    conn: &AsyncPgConnection,
    state: &mut State<AsyncPgConnection>,
    text: QueryResult<Option<String>>,
) -> QueryResult<()> {
    let text = text?;
    if state.footing != Footing::Outside && state.attempt.is_suspect() {
        let asking = InFlight::new(&mut *state);
        let alive = alive(conn).await;
        asking.arrived();
        state.attempt.probed(alive?);
    }
    state
        .admit(text.as_deref().unwrap_or_default())
        .map_err(Error::from)
}

impl Statements for AsyncPgConnection {
    type OwnedRow = <Self as AsyncConnectionCore>::Row<'static, 'static>;

    fn execute<'conn, T>(
        conn: &'conn mut Self,
        state: &'conn mut State<Self>,
        source: T,
    ) -> BoxFuture<'conn, QueryResult<usize>>
    where
        T: QueryFragment<Self::Backend> + QueryId,
    {
        let text = text_of::<_, Self::Backend>(&source, ENGINE.dialect);
        let mut conn: &'conn Self = conn;
        let executed = AsyncConnectionCore::execute_returning_count(&mut conn, source);
        Box::pin(async move {
            reassure(conn, state, text).await?;
            let sent = InFlight::new(state);
            let result = executed.await;
            sent.answered(result)
        })
    }

    fn rows<'conn, T>(
        conn: &'conn mut Self,
        state: &'conn mut State<Self>,
        source: T,
    ) -> BoxFuture<'conn, QueryResult<BoxStream<'conn, QueryResult<Self::OwnedRow>>>>
    where
        T: AsQuery,
        T::Query: QueryFragment<Self::Backend> + QueryId,
    {
        let query = source.as_query();
        let text = text_of::<_, Self::Backend>(&query, ENGINE.dialect);
        let mut conn: &'conn Self = conn;
        let loaded = AsyncConnectionCore::load(&mut conn, query);
        Box::pin(async move {
            reassure(conn, &mut *state, text).await?;
            let sent = InFlight::new(&mut *state);
            match loaded.await {
                Ok(rows) => {
                    sent.arrived();
                    let rows: BoxStream<'conn, _> = Box::pin(Watched::new(rows, state));
                    Ok(rows)
                }
                Err(error) => sent.answered(Err(error)),
            }
        })
    }

    async fn batch(conn: &mut Self, state: &mut State<Self>, sql: &str) -> QueryResult<()> {
        reassure(conn, state, Ok(Some(sql.to_owned()))).await?;
        let sent = InFlight::new(state);
        let result = conn.batch_execute(sql).await;
        sent.answered(result)
    }
}
