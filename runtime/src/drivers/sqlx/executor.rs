//! SQLx's `Executor` for the handles: screens, sends and watches every statement; knows no engine.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use sqlx_core::Error;
use sqlx_core::database::Database;
use sqlx_core::error::BoxDynError;
use sqlx_core::executor::Execute;
use sqlx_core::sql_str::SqlStr;

use crate::connection::AsyncConnection;
use crate::state::State;

/// A query whose text was looked at: the text can only be had by taking the query apart.
pub(super) struct Query<DB: Database> {
    pub(super) sql: SqlStr,
    statement: Option<DB::Statement>,
    arguments: Result<Option<DB::Arguments>, BoxDynError>,
    persistent: bool,
}

impl<DB: Database> Query<DB> {
    pub(super) fn of<'q>(mut query: impl Execute<'q, DB>) -> Self
    where
        DB::Statement: Clone,
    {
        let statement = query.statement().cloned();
        let arguments = query.take_arguments();
        let persistent = query.persistent();
        Self {
            sql: query.sql(),
            statement,
            arguments,
            persistent,
        }
    }
}

impl<DB: Database> Execute<'_, DB> for Query<DB> {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&DB::Statement> {
        self.statement.as_ref()
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        std::mem::replace(&mut self.arguments, Ok(None))
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}

/// Asks the engine whether the transaction is alive, where that is in doubt, so that nothing is stored outside of it.
pub(super) async fn reassure<C>(conn: &mut C, state: &mut State<C>, sql: &str) -> Result<(), Error>
where
    C: AsyncConnection<Error = Error>,
{
    state.ask(conn).await?;
    state.admit(sql).map_err(Error::from)
}

/// A statement's answers, watched.
pub(super) struct Watched<'e, C: AsyncConnection, T> {
    answers: BoxStream<'e, Result<T, Error>>,
    state: &'e mut State<C>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Ready,
    Sent,
    Answered,
}

impl<'e, C: AsyncConnection, T> Watched<'e, C, T> {
    pub(super) fn new(answers: BoxStream<'e, Result<T, Error>>, state: &'e mut State<C>) -> Self {
        Self {
            answers,
            state,
            stage: Stage::Ready,
        }
    }
}

impl<C: AsyncConnection<Error = Error>, T> Stream for Watched<'_, C, T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.stage == Stage::Ready {
            self.state.sent();
            self.stage = Stage::Sent;
        }
        let item = ready!(self.answers.as_mut().poll_next(cx));
        let first = self.stage == Stage::Sent;
        self.stage = Stage::Answered;
        match &item {
            Some(Err(error)) => drop(self.state.failed(error)),
            _ if first => self.state.attempt.succeeded(),
            _ => {}
        }
        Poll::Ready(item)
    }
}

/// Once an answer has come the statement ran: what is left of it is read, and judged, before the next one. Without one it
/// may still be running.
impl<C: AsyncConnection, T> Drop for Watched<'_, C, T> {
    fn drop(&mut self) {
        if self.stage == Stage::Sent {
            self.state.attempt.dropped();
        }
    }
}

/// Implements `Simple` for one engine's connection and `Executor` for `&mut Tx` on it. SQLx cannot have the latter generic: callers that are generic themselves
/// would overflow the trait solver.
macro_rules! executor {
    ($database:ty, $connection:ty) => {
        impl $crate::drivers::sqlx::shared::Simple for $connection {
            type Done = <$database as sqlx_core::database::Database>::QueryResult;

            fn simple(
                &mut self,
                sql: sqlx_core::sql_str::SqlStr,
            ) -> futures_core::future::BoxFuture<'_, Result<Self::Done, sqlx_core::Error>> {
                sqlx_core::executor::Executor::execute(self, sqlx_core::raw_sql::raw_sql(sql))
            }
        }

        impl<'c, A> sqlx_core::executor::Executor<'c>
            for &'c mut $crate::tx::Tx<'_, $connection, A>
        {
            type Database = $database;

            fn fetch_many<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> futures_core::stream::BoxStream<
                'e,
                Result<
                    sqlx_core::Either<
                        <$database as sqlx_core::database::Database>::QueryResult,
                        <$database as sqlx_core::database::Database>::Row,
                    >,
                    sqlx_core::Error,
                >,
            >
            where
                'c: 'e,
                E: 'q + sqlx_core::executor::Execute<'q, $database>,
            {
                use futures_util::TryFutureExt as _;
                let query = $crate::drivers::sqlx::executor::Query::of(query);
                let (conn, state) = (&mut *self.conn, &mut *self.state);
                Box::pin(
                    async move {
                        $crate::drivers::sqlx::executor::reassure(conn, state, query.sql.as_str())
                            .await?;
                        let answers = sqlx_core::executor::Executor::fetch_many(conn, query);
                        Ok($crate::drivers::sqlx::executor::Watched::new(
                            answers, state,
                        ))
                    }
                    .try_flatten_stream(),
                )
            }

            fn execute<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> futures_core::future::BoxFuture<
                'e,
                Result<<$database as sqlx_core::database::Database>::QueryResult, sqlx_core::Error>,
            >
            where
                'c: 'e,
                E: 'q + sqlx_core::executor::Execute<'q, $database>,
            {
                let query = $crate::drivers::sqlx::executor::Query::of(query);
                let (conn, state) = (&mut *self.conn, &mut *self.state);
                Box::pin(async move {
                    $crate::drivers::sqlx::executor::reassure(conn, state, query.sql.as_str())
                        .await?;
                    let sent = $crate::tx::InFlight::new(state);
                    let result = sqlx_core::executor::Executor::execute(conn, query).await;
                    sent.answered(result)
                })
            }

            fn fetch_optional<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> futures_core::future::BoxFuture<
                'e,
                Result<Option<<$database as sqlx_core::database::Database>::Row>, sqlx_core::Error>,
            >
            where
                'c: 'e,
                E: 'q + sqlx_core::executor::Execute<'q, $database>,
            {
                let query = $crate::drivers::sqlx::executor::Query::of(query);
                let (conn, state) = (&mut *self.conn, &mut *self.state);
                Box::pin(async move {
                    $crate::drivers::sqlx::executor::reassure(conn, state, query.sql.as_str())
                        .await?;
                    let sent = $crate::tx::InFlight::new(state);
                    let result = sqlx_core::executor::Executor::fetch_optional(conn, query).await;
                    sent.answered(result)
                })
            }

            fn prepare_with<'e>(
                self,
                sql: sqlx_core::sql_str::SqlStr,
                parameters: &'e [<$database as sqlx_core::database::Database>::TypeInfo],
            ) -> futures_core::future::BoxFuture<
                'e,
                Result<<$database as sqlx_core::database::Database>::Statement, sqlx_core::Error>,
            >
            where
                'c: 'e,
            {
                let (conn, state) = (&mut *self.conn, &mut *self.state);
                Box::pin(async move {
                    $crate::drivers::sqlx::executor::reassure(conn, state, sql.as_str()).await?;
                    let sent = $crate::tx::InFlight::new(state);
                    let result =
                        sqlx_core::executor::Executor::prepare_with(conn, sql, parameters).await;
                    sent.answered(result)
                })
            }

            fn describe<'e>(
                self,
                sql: sqlx_core::sql_str::SqlStr,
            ) -> futures_core::future::BoxFuture<
                'e,
                Result<sqlx_core::describe::Describe<$database>, sqlx_core::Error>,
            >
            where
                'c: 'e,
            {
                let (conn, state) = (&mut *self.conn, &mut *self.state);
                Box::pin(async move {
                    $crate::drivers::sqlx::executor::reassure(conn, state, sql.as_str()).await?;
                    let sent = $crate::tx::InFlight::new(state);
                    let result = sqlx_core::executor::Executor::describe(conn, sql).await;
                    sent.answered(result)
                })
            }
        }
    };
}

pub(super) use executor;
