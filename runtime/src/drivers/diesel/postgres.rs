//! PostgreSQL through blocking Diesel: a line to it, and the ports.

use diesel::connection::{
    AnsiTransactionManager, SimpleConnection, TransactionManager, TransactionManagerStatus,
};
use diesel::result::Error;
use diesel::{PgConnection, QueryResult};

use super::super::diesel_core::postgres::{self, Memory, PgLine};
use super::super::diesel_core::{Line, at_once, depth, disable, in_test, is_broken, set_depth};
use super::super::engines::postgres::ENGINE;
use super::pool::{self, Lease, R2d2};
use crate::conflict::Failure;
use crate::connection::{
    Answer, Begun, BlockingConnection, Connection, Deferrable, Engine, NotBegun, Origin, Plan,
    PoolFacts, StatementTimeout, Undone,
};
use crate::gate::Lives;
use crate::hooks::Blocking;

impl Line for PgConnection {
    async fn send(&mut self, sql: &str) -> QueryResult<()> {
        self.batch_execute(sql)
    }

    fn status(&mut self) -> &mut TransactionManagerStatus {
        AnsiTransactionManager::transaction_manager_status_mut(self)
    }
}

impl PgLine for PgConnection {
    /// The client library knows, and does not say; but the driver corrects its count by it after every statement.
    async fn is_open(&mut self) -> QueryResult<bool> {
        let before = depth(self.status());
        set_depth(self.status(), before.max(1));
        let asked = self.batch_execute("SELECT 1");
        if is_broken(self.status()) {
            return asked.map(|()| false);
        }
        let is_open = depth(self.status()) > 0;
        set_depth(self.status(), before);
        // Refused in an aborted transaction, which therefore is there.
        Ok(is_open)
    }

    async fn answers(&mut self) -> bool {
        // The client library has seen to it when the connection broke.
        !is_broken(self.status())
    }
}

#[diagnostic::do_not_recommend]
impl Connection for PgConnection {
    type Mode = Blocking;
    type Pool = R2d2<Self>;
    type Lease = Lease<Self>;
    type Error = Error;
    type Memory = Memory;

    const ENGINE: Engine = ENGINE;

    fn facts(pool: &Self::Pool) -> PoolFacts {
        pool::facts(pool)
    }

    fn lives(_: &Self::Pool) -> Lives {
        // Their identity is that of their settings, which is used again for the like of them only.
        Box::new(|| true)
    }

    fn spare(pool: &Self::Pool) -> Option<u32> {
        Some(pool::spare(pool))
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
        match &memory.foreign {
            None if !memory.opened => true,
            _ => at_once(postgres::rollback(self, memory)).is_ok(),
        }
    }

    fn discard(mut lease: Self::Lease, _: &mut Memory) {
        disable(lease.status());
    }

    fn spoil(lease: &mut Self::Lease) {
        disable(lease.status());
    }

    fn undo_now(&mut self, sql: &str) -> bool {
        self.batch_execute(sql).is_ok()
    }

    fn disable(&mut self, _: &mut Memory) {
        disable(self.status());
    }
}

#[diagnostic::do_not_recommend]
impl Deferrable for PgConnection {}
#[diagnostic::do_not_recommend]
impl StatementTimeout for PgConnection {}

#[diagnostic::do_not_recommend]
impl BlockingConnection for PgConnection {
    fn lease(pool: &Self::Pool) -> Result<Self::Lease, Error> {
        pool::lease(pool)
    }

    fn begin(&mut self, plan: &Plan, memory: &mut Memory) -> Result<Begun, NotBegun<Error>> {
        at_once(postgres::begin(self, plan, memory))
    }

    fn commit(&mut self, memory: &mut Memory) -> Answer<Error> {
        at_once(postgres::commit(self, memory))
    }

    fn rollback(&mut self, memory: &mut Memory, _: bool) -> Result<Undone<Error>, Error> {
        at_once(postgres::rollback(self, memory))
    }

    fn control(&mut self, sql: String) -> Result<(), Error> {
        self.batch_execute(&sql)
    }

    fn alive(&mut self) -> Result<bool, Error> {
        // The client library keeps the count true; a transaction that it does not count has to be asked for.
        if depth(self.status()) > 0 {
            return Ok(true);
        }
        at_once(self.is_open())
    }

    fn lend(&mut self, memory: &mut Memory, depth: u32) -> Result<(), Error> {
        at_once(postgres::lend(self, memory, depth))
    }
}
