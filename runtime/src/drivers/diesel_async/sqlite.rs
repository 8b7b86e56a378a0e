//! SQLite through diesel-async: a blocking connection on another thread, its statements, and the ports.
//!
//! A call whose caller is gone is kept until it is done, and is not begun if it was not begun yet. The rollback comes after
//! it on the same connection, and the connection goes back to its pool after that.

mod thread;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::{
    AnsiTransactionManager, Connection as _, LoadConnection, SimpleConnection,
    TransactionManager as _, TransactionManagerStatus,
};
use diesel::query_builder::{
    AsQuery, CollectedQuery, MoveableBindCollector, QueryBuilder, QueryFragment, QueryId,
};
use diesel::result::Error;
use diesel::row::IntoOwnedRow;
use diesel::sqlite::{Sqlite, SqliteQueryBuilder};
use diesel_async::{AsyncConnection as Driver, AsyncConnectionCore, TransactionManager};
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;

use self::thread::{Kept, OnThread, Short};
use super::super::diesel_core::{Kind, depth, disable, in_test, sqlite, unsendable};
use super::super::engines::sqlite::{ENGINE, PATIENCE, PAUSE};
use super::SqliteConnection;
use super::connection::{NestedStep, Statements, reassure};
use super::pool::pools;
use crate::clock;
use crate::conflict::Failure;
use crate::connection::{
    Answer, AsyncConnection, Begun, Connection, Engine, NotBegun, Origin, Plan, PoolFacts, Undone,
};
use crate::gate::Lives;
use crate::hooks::Async;
use crate::state::State;
use crate::tx::InFlight;

pools!(SqliteConnection);

/// What the adapter remembers of an open transaction. Calls on the other thread write to it, too.
#[derive(Debug, Default)]
pub struct Memory {
    shared: Arc<Mutex<sqlite::Memory>>,
    kept: Kept,
    /// The rollback is among what is kept.
    is_undone: bool,
}

impl Memory {
    /// A call on the other thread, with what is remembered.
    async fn call<R: Send + 'static>(
        &mut self,
        conn: &mut SqliteConnection,
        call: impl FnOnce(&mut diesel::SqliteConnection, &mut sqlite::Memory) -> R + Send + 'static,
    ) -> QueryResult<R> {
        let shared = self.shared.clone();
        let call = move |conn: &mut diesel::SqliteConnection| Ok(call(conn, &mut lock(&shared)));
        OnThread::new(conn, &mut self.kept, call).await
    }
}

/// A call that panicked leaves notes behind, not a broken invariant.
fn lock(memory: &Mutex<sqlite::Memory>) -> MutexGuard<'_, sqlite::Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

type Status = TransactionManagerStatus;
type Manager = <SqliteConnection as Driver>::TransactionManager;

fn status(conn: &mut SqliteConnection) -> &mut Status {
    Manager::transaction_manager_status_mut(conn)
}

#[diagnostic::do_not_recommend]
impl Connection for SqliteConnection {
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
        depth(status(self))
    }

    fn in_test(&mut self) -> bool {
        in_test(status(self))
    }

    fn classify(error: &Error) -> Failure {
        sqlite::classify(error)
    }

    fn classify_dyn(error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
        sqlite::classify_dyn(error)
    }

    fn unnested(memory: &mut Memory, depth: u32) {
        lock(&memory.shared).unnested(depth);
    }

    fn abandon(&mut self, memory: &mut Memory, origin: Origin, _: bool) -> bool {
        if memory.kept.is_empty() && !lock(&memory.shared).is_open() {
            return true;
        }
        let (shared, told) = (memory.shared.clone(), Arc::new(Mutex::new(false)));
        let tell = told.clone();
        memory.is_undone = true;
        memory.kept.push(self, move |conn| {
            let undone = sqlite::rollback(conn, &mut lock(&shared), true);
            let is_clean = matches!(undone, Ok(Undone::RolledBack { clean: true }));
            if !is_clean {
                disable_there(conn);
            }
            *tell.lock().unwrap_or_else(PoisonError::into_inner) = is_clean;
        });
        match origin {
            // It goes back to its pool when all this is done.
            Origin::Leased => false,
            Origin::Borrowed | Origin::Lent => {
                memory.kept.wait();
                *told.lock().unwrap_or_else(PoisonError::into_inner)
            }
        }
    }

    fn discard(mut lease: Lease, memory: &mut Memory) {
        if memory.kept.is_empty() {
            disable(status(&mut lease));
            return lease.close();
        }
        if !memory.is_undone {
            memory.kept.push(&mut lease, disable_there);
        }
        memory.kept.wait_elsewhere(lease);
    }

    fn spoil(lease: &mut Lease) {
        disable(status(lease));
    }

    fn disable(&mut self, memory: &mut Memory) {
        memory.kept.wait();
        disable(status(self));
    }
}

fn disable_there(conn: &mut diesel::SqliteConnection) {
    disable(AnsiTransactionManager::transaction_manager_status_mut(conn));
}

#[diagnostic::do_not_recommend]
impl AsyncConnection for SqliteConnection {
    async fn lease(pool: &Pool) -> Result<Lease, Error> {
        // Pools look at a connection before they lend it, and that must not be dropped half-way, either.
        let leased = tokio::spawn(pool.clone().lease()).await;
        leased.map_err(unsendable)?
    }

    async fn begin(&mut self, plan: &Plan, memory: &mut Memory) -> Result<Begun, NotBegun<Error>> {
        let plan = *plan;
        let begun = memory
            .call(self, move |conn, memory| sqlite::begin(conn, &plan, memory))
            .await;
        begun.unwrap_or_else(|error| {
            Err(NotBegun {
                error,
                clean: false,
            })
        })
    }

    /// COMMIT needs the readers out of the way, and leaves the transaction open if they are not.
    async fn commit(&mut self, memory: &mut Memory) -> Answer<Error> {
        let patience = lock(&memory.shared).patience.unwrap_or(PATIENCE);
        let until = clock::now().checked_add(patience);
        loop {
            let is_late = until.is_some_and(|until| clock::now() >= until);
            let answer = memory
                .call(self, move |conn, memory| {
                    sqlite::commit(conn, memory, is_late)
                })
                .await;
            match answer {
                Ok(Some(answer)) => return answer,
                Ok(None) => clock::sleep(PAUSE).await,
                Err(error) => return Answer::Unknown { error },
            }
        }
    }

    async fn rollback(&mut self, memory: &mut Memory, ended: bool) -> Result<Undone<Error>, Error> {
        memory
            .call(self, move |conn, memory| {
                sqlite::rollback(conn, memory, ended)
            })
            .await?
    }

    async fn control(&mut self, sql: String) -> Result<(), Error> {
        Short::new()
            .call(self, move |conn| conn.batch_execute(&sql))
            .await
    }

    async fn alive(&mut self) -> Result<bool, Error> {
        Short::new().call(self, sqlite::alive).await
    }

    async fn lend(&mut self, memory: &mut Memory, depth: u32) -> Result<(), Error> {
        memory
            .call(self, move |conn, memory| sqlite::lend(conn, memory, depth))
            .await?
    }
}

type Collected = CollectedQuery<
    <<Sqlite as Backend>::BindCollector<'static> as MoveableBindCollector<Sqlite>>::BindData,
>;

/// A query that borrows nothing any more, and its text, if that must be looked at.
fn collect<T: QueryFragment<Sqlite> + QueryId>(
    query: &T,
) -> QueryResult<(Collected, Option<String>)> {
    let mut binds = <Sqlite as Backend>::BindCollector::default();
    query.collect_binds(&mut binds, &mut (), &Sqlite)?;
    let mut text = SqliteQueryBuilder::default();
    query.to_sql(&mut text, &Sqlite)?;
    let text = text.finish();
    let is_safe = query.is_safe_to_cache_prepared(&Sqlite)?;
    let kind = Kind::of::<T>(ENGINE.dialect, is_safe);
    let looked_at = (!kind.is_plain(&text)).then(|| text.clone());
    Ok((
        CollectedQuery::new(text, is_safe, binds.moveable()),
        looked_at,
    ))
}

/// Runs a statement, and keeps what came of it.
async fn watch<R: Send + 'static>(
    conn: &mut SqliteConnection,
    state: &mut State<SqliteConnection>,
    text: Option<&str>,
    call: impl FnOnce(&mut diesel::SqliteConnection) -> QueryResult<R> + Send + 'static,
) -> QueryResult<R> {
    reassure(conn, state, text).await?;
    let sent = InFlight::new(state);
    let result = OnThread::new(conn, &mut sent.state.memory.kept, call).await;
    sent.answered(result)
}

type Row = <SqliteConnection as AsyncConnectionCore>::Row<'static, 'static>;

fn load(conn: &mut diesel::SqliteConnection, query: &Collected) -> QueryResult<Vec<Row>> {
    let mut cache = Default::default();
    LoadConnection::load(conn, query)?
        .map(|row| Ok(IntoOwnedRow::into_owned(row?, &mut cache)))
        .collect()
}

impl Statements for SqliteConnection {
    type OwnedRow = Row;

    fn execute<'conn, T>(
        conn: &'conn mut Self,
        state: &'conn mut State<Self>,
        source: T,
    ) -> BoxFuture<'conn, QueryResult<usize>>
    where
        T: QueryFragment<Sqlite> + QueryId,
    {
        let collected = collect(&source);
        Box::pin(async move {
            let (query, text) = collected?;
            let run =
                move |conn: &mut diesel::SqliteConnection| conn.execute_returning_count(&query);
            watch(conn, state, text.as_deref(), run).await
        })
    }

    fn rows<'conn, T>(
        conn: &'conn mut Self,
        state: &'conn mut State<Self>,
        source: T,
    ) -> BoxFuture<'conn, QueryResult<BoxStream<'conn, QueryResult<Row>>>>
    where
        T: AsQuery,
        T::Query: QueryFragment<Sqlite> + QueryId,
    {
        let collected = collect(&source.as_query());
        Box::pin(async move {
            let (query, text) = collected?;
            let rows = watch(conn, state, text.as_deref(), move |conn| load(conn, &query)).await?;
            let rows: BoxStream<'conn, _> =
                Box::pin(futures_util::stream::iter(rows.into_iter().map(Ok)));
            Ok(rows)
        })
    }

    async fn batch(conn: &mut Self, state: &mut State<Self>, sql: &str) -> QueryResult<()> {
        let text = sql.to_owned();
        watch(conn, state, Some(sql), move |conn| {
            conn.batch_execute(&text)
        })
        .await
    }

    async fn nested(conn: &mut Self, step: NestedStep) -> QueryResult<()> {
        Short::new()
            .call(conn, move |conn| match step {
                NestedStep::Begin => AnsiTransactionManager::begin_transaction(conn),
                NestedStep::Commit => AnsiTransactionManager::commit_transaction(conn),
                NestedStep::Rollback => AnsiTransactionManager::rollback_transaction(conn),
            })
            .await
    }
}
