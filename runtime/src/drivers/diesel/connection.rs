//! Diesel's connection traits for the handles: screens, sends and watches every statement; knows no engine.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::{
    CacheSize, Connection, ConnectionSealed, Instrumentation, LoadConnection, SimpleConnection,
    TransactionManager, TransactionManagerStatus,
};
use diesel::expression::QueryMetadata;
use diesel::migration::MigrationConnection;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::query_dsl::UpdateAndFetchResults;
use diesel::result::{ConnectionError, ConnectionResult, Error};
use polonius_the_crab::{ForLt, Placeholder, PoloniusResult, polonius};

use super::super::diesel_core::text_of;
use super::super::engines::undo_sql;
use crate::connection::BlockingConnection;
use crate::state::{Footing, Level, State};
use crate::tx::{InFlight, Tx};

/// A blocking connection of Diesel's.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not one of Diesel's blocking connections",
    label = "a statement of blocking Diesel",
    note = "diesel-async's statements are awaited: `use diesel_async::RunQueryDsl` (next to `use diesel::prelude::*`), and `.await` them"
)]
pub trait DieselConnection:
    BlockingConnection<Error = Error> + Connection<Backend = <Self as DieselConnection>::Engine>
{
    /// Diesel's name for its engine: here, so that a connection that is none of Diesel's is one error.
    type Engine: Default + Backend<QueryBuilder: Default>;
}

#[diagnostic::do_not_recommend]
impl<C> DieselConnection for C
where
    C: BlockingConnection<Error = Error>
        + Connection<Backend: Default + Backend<QueryBuilder: Default>>,
{
    type Engine = C::Backend;
}

type Manager<C> = <C as Connection>::TransactionManager;

/// Whether a statement may be sent now: the transaction is alive and in time, and the text, if it must be looked at, steers
/// no transaction.
fn reassure<C: DieselConnection>(
    conn: &mut C,
    state: &mut State<C>,
    text: Option<&str>,
) -> QueryResult<()> {
    state.ask_blocking(conn)?;
    if let Some(error) = state.overdue() {
        return Err(error.into());
    }
    state.admit(text.unwrap_or_default()).map_err(Error::from)
}

/// Runs a statement, and keeps what came of it.
fn watch<C: DieselConnection, R>(
    conn: &mut C,
    state: &mut State<C>,
    text: Option<&str>,
    run: impl FnOnce(&mut C) -> QueryResult<R>,
) -> QueryResult<R> {
    reassure(conn, state, text)?;
    let sent = InFlight::new(state);
    let result = run(conn);
    if let Err(error) = &result {
        conn.diagnose(&mut sent.state.memory, error);
    }
    sent.answered(result)
}

impl<C: DieselConnection, A> SimpleConnection for Tx<'_, C, A> {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        watch(self.conn, self.state, Some(query), |conn| {
            conn.batch_execute(query)
        })
    }
}

impl<C: DieselConnection, A> ConnectionSealed for Tx<'_, C, A> {}

impl<C: DieselConnection, A> Connection for Tx<'_, C, A> {
    type Backend = C::Engine;
    type TransactionManager = Nested;

    fn establish(_: &str) -> ConnectionResult<Self> {
        Err(ConnectionError::BadConnection(
            "a transaction's handle is had from an annotated function, not from a URL".to_owned(),
        ))
    }

    fn begin_test_transaction(&mut self) -> QueryResult<()> {
        Err(Error::AlreadyInTransaction)
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Self::Backend> + QueryId,
    {
        let text = text_of::<_, C::Backend>(source, C::ENGINE.dialect)?;
        watch(self.conn, self.state, text.as_deref(), |conn| {
            conn.execute_returning_count(source)
        })
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

impl<B, C, A> LoadConnection<B> for Tx<'_, C, A>
where
    C: DieselConnection + LoadConnection<B>,
{
    type Cursor<'conn, 'query>
        = Watched<'conn, C, C::Cursor<'conn, 'query>>
    where
        Self: 'conn;
    type Row<'conn, 'query>
        = C::Row<'conn, 'query>
    where
        Self: 'conn;

    fn load<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> QueryResult<Self::Cursor<'conn, 'query>>
    where
        T: Query + QueryFragment<Self::Backend> + QueryId + 'query,
        Self::Backend: QueryMetadata<T::SqlType>,
    {
        let text = text_of::<_, C::Backend>(&source, C::ENGINE.dialect)?;
        reassure(self.conn, self.state, text.as_deref())?;
        let (conn, state) = (&mut *self.conn, &mut *self.state);
        state.sent();
        let loaded =
            polonius::<_, _, ForLt!(<'p> = C::Cursor<'p, 'query>)>(
                conn,
                |conn| match LoadConnection::<B>::load(conn, source) {
                    Ok(rows) => PoloniusResult::Borrowing(rows),
                    Err(value) => PoloniusResult::Owned {
                        value,
                        input_borrow: Placeholder,
                    },
                },
            );
        match loaded {
            PoloniusResult::Borrowing(rows) => {
                state.attempt.arrived();
                Ok(Watched {
                    rows,
                    state,
                    first: true,
                })
            }
            PoloniusResult::Owned {
                value: error,
                input_borrow: conn,
            } => {
                conn.diagnose(&mut state.memory, &error);
                state.failed(&error);
                Err(error)
            }
        }
    }
}

/// Rows on their way; an error among them, or before the first of them, is seen.
#[derive(Debug)]
pub struct Watched<'conn, C: DieselConnection, Rows> {
    rows: Rows,
    state: &'conn mut State<C>,
    first: bool,
}

impl<C, Rows, Row> Iterator for Watched<'_, C, Rows>
where
    C: DieselConnection,
    Rows: Iterator<Item = QueryResult<Row>>,
{
    type Item = QueryResult<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.rows.next();
        let first = std::mem::take(&mut self.first);
        match &item {
            Some(Err(error)) => drop(self.state.failed(error)),
            _ if first => self.state.attempt.succeeded(),
            _ => {}
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

impl<Changes, Output, C, A> UpdateAndFetchResults<Changes, Output> for Tx<'_, C, A>
where
    C: DieselConnection + UpdateAndFetchResults<Changes, Output>,
{
    fn update_and_fetch(&mut self, changeset: Changes) -> QueryResult<Output> {
        watch(self.conn, self.state, None, |conn| {
            conn.update_and_fetch(changeset)
        })
    }
}

impl<C: DieselConnection + MigrationConnection, A> MigrationConnection for Tx<'_, C, A> {
    fn setup(&mut self) -> QueryResult<usize> {
        // What it does is not for a transaction where the server commits before it.
        let text = Some("CREATE TABLE IF NOT EXISTS __diesel_schema_migrations");
        watch(self.conn, self.state, text, MigrationConnection::setup)
    }
}

/// Diesel's own nested transactions on a handle (`tx.transaction(|tx| ..)`): savepoints, as on a connection that is in a
/// transaction, that the handle knows of.
#[derive(Debug)]
pub enum Nested {}

impl<C: DieselConnection, A> TransactionManager<Tx<'_, C, A>> for Nested {
    type TransactionStateData = <Manager<C> as TransactionManager<C>>::TransactionStateData;

    fn begin_transaction(tx: &mut Tx<'_, C, A>) -> QueryResult<()> {
        if tx.state.footing == Footing::Outside {
            return watch(tx.conn, tx.state, None, Manager::<C>::begin_transaction);
        }
        let n = tx.state.attempt.next_savepoint();
        let name = tx.state.savepoint(n);
        command(tx, format!("SAVEPOINT {name}"))?;
        let depth = tx.state.attempt.nested();
        tx.state.levels.push(Level { name, depth });
        Ok(())
    }

    fn rollback_transaction(tx: &mut Tx<'_, C, A>) -> QueryResult<()> {
        if tx.state.footing == Footing::Outside {
            return watch(tx.conn, tx.state, None, Manager::<C>::rollback_transaction);
        }
        let Level { name, depth } = tx.state.level().cloned().ok_or(Error::NotInTransaction)?;
        // No answer is as good as a no: the caller's error is the one to tell.
        if tx.state.ask_blocking(tx.conn).is_err() {
            tx.state.attempt.probed(false);
        }
        if tx.state.attempt.refusal().is_some() {
            // There is no savepoint to go back to, or none that may be gone back to.
            tx.state.undone(depth);
            return Ok(());
        }
        let undone = command(tx, undo_sql(&name));
        if undone.is_err() {
            tx.state.attempt.probed(false);
        }
        tx.state.undone(depth);
        undone
    }

    fn commit_transaction(tx: &mut Tx<'_, C, A>) -> QueryResult<()> {
        if tx.state.footing == Footing::Outside {
            return watch(tx.conn, tx.state, None, Manager::<C>::commit_transaction);
        }
        let Level { name, depth } = tx.state.level().cloned().ok_or(Error::NotInTransaction)?;
        match command(tx, format!("RELEASE SAVEPOINT {name}")) {
            Ok(()) => {
                tx.state.released(depth);
                Ok(())
            }
            Err(error) => {
                // What could not be released is undone; if not even that can be done, the transaction is known to be lost.
                let _undone = Self::rollback_transaction(tx);
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
fn command<C: DieselConnection, A>(tx: &mut Tx<'_, C, A>, sql: String) -> QueryResult<()> {
    watch(tx.conn, tx.state, None, |conn| conn.control(sql))
}
