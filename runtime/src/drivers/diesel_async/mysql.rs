//! MySQL and MariaDB through diesel-async: a line to them, their statements, and the ports.
//!
//! A message that was begun and is not waited for leaves the connection's protocol out of step: such a connection is
//! closed, or, borrowed, marked broken.

use diesel::QueryResult;
use diesel::connection::TransactionManagerStatus;
use diesel::mysql::Mysql;
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{
    AsQuery, CollectedQuery, MoveableBindCollector, QueryBuilder, QueryFragment, QueryId,
};
use diesel::result::Error;
use diesel::sql_types::{Integer, Text, Unsigned};
use diesel_async::{
    AnsiTransactionManager, AsyncConnectionCore, AsyncMysqlConnection, RunQueryDsl,
    SimpleAsyncConnection, TransactionManager,
};
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::TryStreamExt as _;
use tokio::runtime::Handle;

use super::super::diesel_core::mysql::{self, Memory, MysqlLine};
use super::super::diesel_core::{Kind, Line, depth, disable, in_test, unsendable};
use super::super::engines::mysql::{ENGINE, block_sql};
use super::connection::{Statements, keep, reassure};
use super::pool::pools;
use crate::conflict::Failure;
use crate::connection::{
    Answer, AsyncConnection, Begun, Connection, Engine, NotBegun, Origin, Plan, PoolFacts,
    StatementTimeout, Undone,
};
use crate::gate::Lives;
use crate::hooks::Async;
use crate::state::State;
use crate::tx::InFlight;

pools!(AsyncMysqlConnection);

impl Line for AsyncMysqlConnection {
    async fn send(&mut self, sql: &str) -> QueryResult<()> {
        self.batch_execute(sql).await
    }

    fn status(&mut self) -> &mut TransactionManagerStatus {
        AnsiTransactionManager::transaction_manager_status_mut(self)
    }
}

impl MysqlLine for AsyncMysqlConnection {
    async fn batch(&mut self, sql: &str) -> QueryResult<()> {
        self.batch_execute(sql).await
    }

    async fn block(&mut self, sql: &str) -> QueryResult<()> {
        self.batch_execute(&block_sql(sql)).await
    }

    async fn conditions(&mut self) -> Vec<(u16, String)> {
        let ask = diesel::dsl::sql::<(Text, Unsigned<Integer>, Text)>("SHOW WARNINGS");
        let told: QueryResult<Vec<(String, u32, String)>> = ask.load(self).await;
        let told = told.unwrap_or_default().into_iter();
        told.filter_map(|(_, number, text)| Some((u16::try_from(number).ok()?, text)))
            .collect()
    }
}

#[diagnostic::do_not_recommend]
impl Connection for AsyncMysqlConnection {
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
        mysql::classify(error)
    }

    fn classify_dyn(error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
        mysql::classify_dyn(error)
    }

    fn judge(memory: &mut Memory, error: &Error) -> Failure {
        mysql::judge(memory, error)
    }

    fn opaque(memory: &mut Memory) {
        memory.opaque = true;
    }

    fn abandon(&mut self, memory: &mut Memory, _: Origin, in_flight: bool) -> bool {
        !(in_flight || memory.opened || memory.foreign.is_some())
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
impl StatementTimeout for AsyncMysqlConnection {}

#[diagnostic::do_not_recommend]
impl AsyncConnection for AsyncMysqlConnection {
    async fn lease(pool: &Pool) -> Result<Lease, Error> {
        // Pools look at a connection before they lend it. Dropped half-way, that would leave its answer to the next borrower.
        match Handle::try_current() {
            Ok(runtime) => runtime
                .spawn(pool.clone().lease())
                .await
                .map_err(unsendable)?,
            Err(_) => pool.clone().lease().await,
        }
    }

    async fn begin(&mut self, plan: &Plan, memory: &mut Memory) -> Result<Begun, NotBegun<Error>> {
        mysql::begin(self, plan, memory).await
    }

    async fn commit(&mut self, memory: &mut Memory) -> Answer<Error> {
        mysql::commit(self, memory).await
    }

    async fn rollback(&mut self, memory: &mut Memory, ended: bool) -> Result<Undone<Error>, Error> {
        mysql::rollback(self, memory, ended).await
    }

    async fn control(&mut self, sql: String) -> Result<(), Error> {
        self.block(&sql).await
    }

    async fn alive(&mut self) -> Result<bool, Error> {
        mysql::alive(self).await
    }

    async fn diagnose(&mut self, memory: &mut Memory, error: &Error) {
        mysql::diagnose(self, memory, error).await;
    }

    async fn lend(&mut self, memory: &mut Memory, _: u32) -> Result<(), Error> {
        memory.opaque = true;
        Ok(())
    }
}

type Collected =
    CollectedQuery<<RawBytesBindCollector<Mysql> as MoveableBindCollector<Mysql>>::BindData>;

/// A query that borrows nothing any more, and its text, if that must be looked at.
fn collect<T: QueryFragment<Mysql> + QueryId>(
    query: &T,
) -> QueryResult<(Collected, Option<String>)> {
    let mut binds = RawBytesBindCollector::<Mysql>::new();
    query.collect_binds(&mut binds, &mut (), &Mysql)?;
    let mut text = diesel::mysql::MysqlQueryBuilder::default();
    query.to_sql(&mut text, &Mysql)?;
    let text = text.finish();
    let is_safe = query.is_safe_to_cache_prepared(&Mysql)?;
    let kind = Kind::of::<T>(ENGINE.dialect, is_safe);
    let looked_at = (!kind.is_plain(&text)).then(|| text.clone());
    Ok((
        CollectedQuery::new(text, is_safe, binds.moveable()),
        looked_at,
    ))
}

impl Statements for AsyncMysqlConnection {
    type OwnedRow = <Self as AsyncConnectionCore>::Row<'static, 'static>;

    fn execute<'conn, T>(
        conn: &'conn mut Self,
        state: &'conn mut State<Self>,
        source: T,
    ) -> BoxFuture<'conn, QueryResult<usize>>
    where
        T: QueryFragment<Mysql> + QueryId,
    {
        let collected = collect(&source);
        Box::pin(async move {
            let (query, text) = collected?;
            reassure(conn, state, text.as_deref()).await?;
            let sent = InFlight::new(state);
            let result = AsyncConnectionCore::execute_returning_count(&mut *conn, query).await;
            keep(conn, sent, result).await
        })
    }

    fn rows<'conn, T>(
        conn: &'conn mut Self,
        state: &'conn mut State<Self>,
        source: T,
    ) -> BoxFuture<'conn, QueryResult<BoxStream<'conn, QueryResult<Self::OwnedRow>>>>
    where
        T: AsQuery,
        T::Query: QueryFragment<Mysql> + QueryId,
    {
        let collected = collect(&source.as_query());
        Box::pin(async move {
            let (query, text) = collected?;
            reassure(conn, state, text.as_deref()).await?;
            let sent = InFlight::new(state);
            let rows = all(conn, query).await;
            let rows = keep(conn, sent, rows).await?;
            let rows: BoxStream<'conn, _> =
                Box::pin(futures_util::stream::iter(rows.into_iter().map(Ok)));
            Ok(rows)
        })
    }

    async fn batch(conn: &mut Self, state: &mut State<Self>, sql: &str) -> QueryResult<()> {
        reassure(conn, state, Some(sql)).await?;
        let sent = InFlight::new(state);
        let result = conn.batch_execute(sql).await;
        keep(conn, sent, result).await
    }
}

/// All rows: what is left of them unread would stand between the next error and the question what it was.
async fn all(
    conn: &mut AsyncMysqlConnection,
    query: Collected,
) -> QueryResult<Vec<<AsyncMysqlConnection as Statements>::OwnedRow>> {
    AsyncConnectionCore::load(conn, query)
        .await?
        .try_collect()
        .await
}
