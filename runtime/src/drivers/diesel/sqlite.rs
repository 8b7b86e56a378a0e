//! SQLite through blocking Diesel: the ports.

use diesel::SqliteConnection;
use diesel::connection::{
    AnsiTransactionManager, SimpleConnection, TransactionManager, TransactionManagerStatus,
};
use diesel::result::Error;

use super::super::diesel_core::sqlite::{self, Memory};
use super::super::diesel_core::{depth, disable, in_test};
use super::super::engines::sqlite::{ENGINE, PATIENCE, PAUSE};
use super::pool::{self, Lease, R2d2};
use crate::clock;
use crate::conflict::Failure;
use crate::connection::{
    Answer, Begun, BlockingConnection, Connection, Engine, NotBegun, Origin, Plan, PoolFacts,
    Undone,
};
use crate::gate::Lives;
use crate::hooks::Blocking;

fn status(conn: &mut SqliteConnection) -> &mut TransactionManagerStatus {
    AnsiTransactionManager::transaction_manager_status_mut(conn)
}

#[diagnostic::do_not_recommend]
impl Connection for SqliteConnection {
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
        memory.unnested(depth);
    }

    fn abandon(&mut self, memory: &mut Memory, _: Origin, _: bool) -> bool {
        matches!(
            sqlite::rollback(self, memory, true),
            Ok(Undone::RolledBack { clean: true })
        )
    }

    fn discard(mut lease: Self::Lease, _: &mut Memory) {
        disable(status(&mut lease));
    }

    fn spoil(lease: &mut Self::Lease) {
        disable(status(lease));
    }

    fn undo_now(&mut self, sql: &str) -> bool {
        self.batch_execute(sql).is_ok()
    }

    fn disable(&mut self, _: &mut Memory) {
        disable(status(self));
    }
}

#[diagnostic::do_not_recommend]
impl BlockingConnection for SqliteConnection {
    fn lease(pool: &Self::Pool) -> Result<Self::Lease, Error> {
        pool::lease(pool)
    }

    fn begin(&mut self, plan: &Plan, memory: &mut Memory) -> Result<Begun, NotBegun<Error>> {
        sqlite::begin(self, plan, memory)
    }

    /// COMMIT needs the readers out of the way, and leaves the transaction open if they are not.
    fn commit(&mut self, memory: &mut Memory) -> Answer<Error> {
        let until = clock::now().checked_add(memory.patience.unwrap_or(PATIENCE));
        loop {
            let is_late = until.is_some_and(|until| clock::now() >= until);
            match sqlite::commit(self, memory, is_late) {
                Some(answer) => return answer,
                None => clock::block(PAUSE),
            }
        }
    }

    fn rollback(&mut self, memory: &mut Memory, ended: bool) -> Result<Undone<Error>, Error> {
        sqlite::rollback(self, memory, ended)
    }

    fn control(&mut self, sql: String) -> Result<(), Error> {
        self.batch_execute(&sql)
    }

    fn alive(&mut self) -> Result<bool, Error> {
        sqlite::alive(self)
    }

    fn lend(&mut self, memory: &mut Memory, depth: u32) -> Result<(), Error> {
        sqlite::lend(self, memory, depth)
    }
}
