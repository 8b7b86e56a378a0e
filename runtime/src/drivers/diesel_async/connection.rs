//! diesel-async's connection traits for the handles: screens, sends and watches every statement; knows no engine.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use diesel::QueryResult;
use diesel::connection::{CacheSize, Instrumentation, TransactionManagerStatus};
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::result::{ConnectionError, ConnectionResult, Error};
use diesel::row::Row;
use diesel_async::{
    AsyncConnection as Driver, AsyncConnectionCore, SimpleAsyncConnection, TransactionManager,
};
use futures_core::Stream;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;

use super::super::engines::undo_sql;
use crate::connection::AsyncConnection;
use crate::state::{Footing, Level, State};
use crate::tx::{InFlight, Tx};

type Rows<'conn, C> = BoxStream<'conn, QueryResult<<C as Statements>::OwnedRow>>;

/// How a connection's statements are sent and watched.
///
/// diesel-async's futures must not borrow the query, and borrow the connection to their end: each engine has a way of its own to
/// look at the connection before and after.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not one of diesel-async's connections",
    label = "a statement of diesel-async",
    note = "blocking Diesel's statements come with `use diesel::prelude::*` alone: drop `use diesel_async::RunQueryDsl` here"
)]
pub trait Statements: AsyncConnection<Error = Error> + Driver + 'static {
    /// A row that borrows nothing.
    type OwnedRow: for<'row> Row<'row, Self::Backend> + Send + 'static;

    /// Executes a statement.
    fn execute<'conn, T>(
        conn: &'conn mut Self,
        state: &'conn mut State<Self>,
        source: T,
    ) -> BoxFuture<'conn, QueryResult<usize>>
    where
        T: QueryFragment<Self::Backend> + QueryId;

    /// Loads a query's rows.
    fn rows<'conn, T>(
        conn: &'conn mut Self,
        state: &'conn mut State<Self>,
        source: T,
    ) -> BoxFuture<'conn, QueryResult<Rows<'conn, Self>>>
    where
        T: AsQuery,
        T::Query: QueryFragment<Self::Backend> + QueryId;

    /// Sends text.
    fn batch(
        conn: &mut Self,
        state: &mut State<Self>,
        sql: &str,
    ) -> impl Future<Output = QueryResult<()>> + Send;

    /// One of the driver's own steps on its nested transactions.
    fn nested(conn: &mut Self, step: NestedStep) -> impl Future<Output = QueryResult<()>> + Send {
        async move {
            match step {
                NestedStep::Begin => Manager::<Self>::begin_transaction(conn).await,
                NestedStep::Commit => Manager::<Self>::commit_transaction(conn).await,
                NestedStep::Rollback => Manager::<Self>::rollback_transaction(conn).await,
            }
        }
    }
}

/// What is done with a nested transaction of the driver's.
#[derive(Clone, Copy, Debug)]
pub enum NestedStep {
    /// It is begun.
    Begin,
    /// It is committed.
    Commit,
    /// It is rolled back.
    Rollback,
}

/// Keeps what came of a statement that was sent.
pub(super) async fn keep<C: Statements, R>(
    conn: &mut C,
    sent: InFlight<'_, C>,
    result: QueryResult<R>,
) -> QueryResult<R> {
    if let Err(error) = &result {
        conn.diagnose(&mut sent.state.memory, error).await;
    }
    sent.answered(result)
}

/// Whether a statement may be sent now: the transaction is alive, and the text, if it must be looked at, steers none.
pub(super) async fn reassure<C: Statements>(
    conn: &mut C,
    state: &mut State<C>,
    text: Option<&str>,
) -> QueryResult<()> {
    state.ask(conn).await?;
    state.admit(text.unwrap_or_default()).map_err(Error::from)
}

impl<C: Statements, A> SimpleAsyncConnection for Tx<'_, C, A> {
    async fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        C::batch(self.conn, self.state, query).await
    }
}

impl<C: Statements, A> AsyncConnectionCore for Tx<'_, C, A> {
    type ExecuteFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<usize>>;
    type LoadFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<Self::Stream<'conn, 'query>>>;
    type Stream<'conn, 'query> = Rows<'conn, C>;
    type Row<'conn, 'query> = C::OwnedRow;
    type Backend = C::Backend;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Self::Backend> + QueryId + 'query,
    {
        C::rows(self.conn, self.state, source)
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Self::Backend> + QueryId + 'query,
    {
        C::execute(self.conn, self.state, source)
    }
}

type Manager<C> = <C as Driver>::TransactionManager;

impl<C, A> Driver for Tx<'_, C, A>
where
    C: Statements,
{
    type TransactionManager = Nested;

    async fn establish(_: &str) -> ConnectionResult<Self> {
        Err(ConnectionError::BadConnection(
            "a transaction's handle is had from an annotated function, not from a URL".to_owned(),
        ))
    }

    async fn begin_test_transaction(&mut self) -> QueryResult<()> {
        Err(Error::AlreadyInTransaction)
    }

    fn transaction_state(
        &mut self,
    ) -> &mut <Manager<C> as TransactionManager<C>>::TransactionStateData {
        self.conn.transaction_state()
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        self.conn.instrumentation()
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.conn.set_instrumentation(instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.conn.set_prepared_statement_cache_size(size);
    }
}

/// diesel-async's own nested transactions on a handle (`tx.transaction(async |tx| ..)`): savepoints, as on a connection that
/// is in a transaction, that the handle knows of.
#[derive(Debug)]
pub enum Nested {}

impl<C: Statements, A> TransactionManager<Tx<'_, C, A>> for Nested {
    type TransactionStateData = <Manager<C> as TransactionManager<C>>::TransactionStateData;

    async fn begin_transaction(tx: &mut Tx<'_, C, A>) -> QueryResult<()> {
        if tx.state.footing == Footing::Outside {
            return outside(tx, NestedStep::Begin).await;
        }
        let n = tx.state.attempt.next_savepoint();
        let name = tx.state.savepoint(n);
        command(tx, format!("SAVEPOINT {name}")).await?;
        let depth = tx.state.attempt.nested();
        tx.state.levels.push(Level { name, depth });
        Ok(())
    }

    async fn rollback_transaction(tx: &mut Tx<'_, C, A>) -> QueryResult<()> {
        if tx.state.footing == Footing::Outside {
            return outside(tx, NestedStep::Rollback).await;
        }
        let Level { name, depth } = tx.state.level().cloned().ok_or(Error::NotInTransaction)?;
        // No answer is as good as a no: the caller's error is the one to tell.
        if tx.state.ask(tx.conn).await.is_err() {
            tx.state.attempt.probed(false);
        }
        if tx.state.attempt.refusal().is_some() {
            // There is no savepoint to go back to, or none that may be gone back to.
            tx.state.undone(depth);
            return Ok(());
        }
        let undone = command(tx, undo_sql(&name)).await;
        if undone.is_err() {
            tx.state.attempt.probed(false);
        }
        tx.state.undone(depth);
        undone
    }

    async fn commit_transaction(tx: &mut Tx<'_, C, A>) -> QueryResult<()> {
        if tx.state.footing == Footing::Outside {
            return outside(tx, NestedStep::Commit).await;
        }
        let Level { name, depth } = tx.state.level().cloned().ok_or(Error::NotInTransaction)?;
        match command(tx, format!("RELEASE SAVEPOINT {name}")).await {
            Ok(()) => {
                tx.state.released(depth);
                Ok(())
            }
            Err(error) => {
                // What could not be released is undone; if not even that can be done, the transaction is known to be lost.
                let _undone = Self::rollback_transaction(tx).await;
                Err(error)
            }
        }
    }

    fn transaction_manager_status_mut<'s>(
        tx: &'s mut Tx<'_, C, A>,
    ) -> &'s mut TransactionManagerStatus {
        Manager::<C>::transaction_manager_status_mut(tx.conn)
    }
}

/// Sends a savepoint command, which the driver does not count: an end without a beginning must find nothing to end.
async fn command<C: Statements, A>(tx: &mut Tx<'_, C, A>, sql: String) -> QueryResult<()> {
    reassure(tx.conn, tx.state, None).await?;
    let sent = InFlight::new(tx.state);
    let result = tx.conn.control(sql).await;
    keep(tx.conn, sent, result).await
}

/// The driver's own transaction, where there is none of ours.
async fn outside<C: Statements, A>(tx: &mut Tx<'_, C, A>, step: NestedStep) -> QueryResult<()> {
    reassure(tx.conn, tx.state, None).await?;
    let sent = InFlight::new(tx.state);
    let result = C::nested(tx.conn, step).await;
    keep(tx.conn, sent, result).await
}

/// Rows on their way; an error among them, or before the first of them, is seen.
pub(super) struct Watched<'conn, C: Statements> {
    rows: Rows<'conn, C>,
    state: &'conn mut State<C>,
    first: bool,
}

impl<'conn, C: Statements> Watched<'conn, C> {
    pub(super) fn new(rows: Rows<'conn, C>, state: &'conn mut State<C>) -> Self {
        Self {
            rows,
            state,
            first: true,
        }
    }
}

impl<C: Statements> Stream for Watched<'_, C> {
    type Item = QueryResult<C::OwnedRow>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.rows.as_mut().poll_next(cx));
        let first = std::mem::take(&mut self.first);
        match &item {
            Some(Err(error)) => drop(self.state.failed(error)),
            _ if first => self.state.attempt.succeeded(),
            _ => {}
        }
        Poll::Ready(item)
    }
}
