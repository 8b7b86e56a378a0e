//! MySQL and MariaDB through blocking Diesel: a line to it that says several things in one message, and the ports.
//!
//! Diesel's batches cost three round trips, two of them to switch several statements per message on and off. MariaDB takes
//! a compound statement instead, prepared once for each connection.

use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::{
    AnsiTransactionManager, SimpleConnection, TransactionManager, TransactionManagerStatus,
};
use diesel::mysql::Mysql;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{Nullable, Text};
use diesel::{MysqlConnection, QueryResult, RunQueryDsl};

use super::super::diesel_core::mysql::{self, Memory, MysqlLine};
use super::super::diesel_core::{Line, at_once, depth, disable, in_test};
use super::super::engines::mysql::ENGINE;
use super::pool::{self, Lease, R2d2};
use crate::conflict::Failure;
use crate::connection::{
    Answer, Begun, BlockingConnection, Connection, Engine, NotBegun, Origin, Plan, PoolFacts,
    StatementTimeout, Undone,
};
use crate::gate::Lives;
use crate::hooks::Blocking;

/// Text that is worth keeping prepared.
struct Kept(String);

impl QueryFragment<Mysql> for Kept {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Mysql>) -> QueryResult<()> {
        pass.push_sql(&self.0);
        Ok(())
    }
}

impl QueryId for Kept {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<MysqlConnection> for Kept {}

/// A server was met that has no compound statements outside of stored code (MySQL).
static NO_COMPOUND: AtomicBool = AtomicBool::new(false);

/// Whether the text is one of few: names of savepoints deep inside of others are not kept.
fn is_common(sql: &str) -> bool {
    sql.split("SAVEPOINT txk_").skip(1).all(|name| {
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        name.starts_with('m')
            || (1..=2).contains(&digits) && name.as_bytes().get(digits) != Some(&b'_')
    })
}

impl Line for MysqlConnection {
    async fn send(&mut self, sql: &str) -> QueryResult<()> {
        match is_common(sql) {
            true => Kept(sql.to_owned()).execute(self),
            false => diesel::sql_query(sql).execute(self),
        }
        .map(drop)
    }

    fn status(&mut self) -> &mut TransactionManagerStatus {
        AnsiTransactionManager::transaction_manager_status_mut(self)
    }
}

impl MysqlLine for MysqlConnection {
    async fn batch(&mut self, sql: &str) -> QueryResult<()> {
        if !sql.contains(';') {
            return self.send(sql).await;
        }
        if NO_COMPOUND.load(Ordering::Relaxed) || !is_common(sql) {
            return self.batch_execute(sql);
        }
        match Kept(format!("BEGIN NOT ATOMIC {sql}; END")).execute(self) {
            Err(Error::DatabaseError(DatabaseErrorKind::Unknown, information))
                if information.message().contains("NOT ATOMIC") =>
            {
                // It did not understand, so it has executed nothing.
                NO_COMPOUND.store(true, Ordering::Relaxed);
                self.batch_execute(sql)
            }
            done => done.map(drop),
        }
    }

    async fn number(&mut self) -> Option<u16> {
        let Err(Error::DatabaseError(_, answer)) = Kept(NUMBERS.to_owned()).execute(self) else {
            return None;
        };
        if answer.message().contains("NOT ATOMIC") {
            return last_number(self);
        }
        last(answer.message())
    }
}

/// All numbers that the last statement left behind, as the text of an error: Diesel cannot read the rows of SHOW WARNINGS.
const NUMBERS: &str = "BEGIN NOT ATOMIC DECLARE k, e INT; DECLARE s TEXT DEFAULT ''; GET DIAGNOSTICS k = NUMBER; \
    FOR i IN 1..k DO GET DIAGNOSTICS CONDITION i e = MYSQL_ERRNO; SET s = CONCAT(s, e, ' '); END FOR; \
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 31999, MESSAGE_TEXT = s; END";

/// The number of the error among these; `None` if they are not numbers.
fn last(numbers: &str) -> Option<u16> {
    /// Where in a compound statement it was.
    const NOTE: u16 = 4094;
    let numbers: Result<Vec<u16>, _> = numbers.split_whitespace().map(str::parse).collect();
    let numbers = numbers.ok()?;
    let error = numbers.into_iter().rev().find(|number| *number != NOTE);
    Some(error.unwrap_or(0))
}

/// The same of a server without compound statements.
fn last_number(conn: &mut MysqlConnection) -> Option<u16> {
    let ask = "GET DIAGNOSTICS @txk_k = NUMBER; \
               GET DIAGNOSTICS CONDITION @txk_k @txk_e = MYSQL_ERRNO";
    conn.batch_execute(ask).ok()?;
    let read = diesel::dsl::sql::<Nullable<Text>>("SELECT CAST(@txk_e AS CHAR)");
    let number: Option<String> = read.get_result(conn).ok()?;
    last(&number.unwrap_or_default())
}

impl Connection for MysqlConnection {
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

    fn abandon(&mut self, memory: &mut Memory, _: Origin, _: bool) -> bool {
        match memory.opened || memory.foreign.is_some() {
            true => at_once(mysql::rollback(self, memory, true)).is_ok(),
            false => true,
        }
    }

    fn discard(mut lease: Self::Lease, _: &mut Memory) {
        lease.disable();
    }

    fn spoil(lease: &mut Self::Lease) {
        lease.disable();
    }

    fn disable(&mut self) {
        disable(self.status());
    }
}

impl StatementTimeout for MysqlConnection {}

impl BlockingConnection for MysqlConnection {
    fn lease(pool: &Self::Pool) -> Result<Self::Lease, Error> {
        pool::lease(pool)
    }

    fn begin(&mut self, plan: &Plan, memory: &mut Memory) -> Result<Begun, NotBegun<Error>> {
        at_once(mysql::begin(self, plan, memory))
    }

    fn commit(&mut self, memory: &mut Memory) -> Answer<Error> {
        at_once(mysql::commit(self, memory))
    }

    fn rollback(&mut self, memory: &mut Memory, ended: bool) -> Result<Undone<Error>, Error> {
        at_once(mysql::rollback(self, memory, ended))
    }

    fn control(&mut self, sql: String) -> Result<(), Error> {
        at_once(self.batch(&sql))
    }

    fn alive(&mut self) -> Result<bool, Error> {
        at_once(mysql::alive(self))
    }

    fn diagnose(&mut self, memory: &mut Memory, error: &Error) {
        at_once(mysql::diagnose(self, memory, error));
    }

    fn lend(&mut self, memory: &mut Memory, _: u32) -> Result<(), Error> {
        memory.opaque = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::is_common;

    #[test]
    fn savepoints_with_many_names_are_not_kept_prepared() {
        assert!(is_common("RELEASE SAVEPOINT txk_m; COMMIT"));
        assert!(is_common("SAVEPOINT txk_1") && is_common("ROLLBACK TO SAVEPOINT txk_12"));
        assert!(!is_common("SAVEPOINT txk_123"));
        assert!(!is_common("SAVEPOINT txk_f7"));
        assert!(!is_common("SAVEPOINT txk_1003_1"));
        assert!(is_common(
            "ROLLBACK; SET SESSION lock_wait_timeout = @txk_w"
        ));
    }
}
