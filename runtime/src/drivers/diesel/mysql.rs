//! MySQL and MariaDB through blocking Diesel: a line to it that says several things in one message, and the ports.
//!
//! Diesel's batches cost three round trips, two of them to switch several statements per message on and off. MariaDB takes
//! a compound statement instead, prepared once for each connection.

use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::{
    AnsiTransactionManager, CacheSize, Connection as _, SimpleConnection, TransactionManager,
    TransactionManagerStatus,
};
use diesel::mysql::Mysql;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{Nullable, Text};
use diesel::{MysqlConnection, QueryResult, RunQueryDsl};

use super::super::diesel_core::mysql::{self, CUT, Memory, MysqlLine};
use super::super::diesel_core::{Line, at_once, depth, disable, in_test};
use super::super::engines::mysql::{ENGINE, block_sql};
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

/// A server was met that has no compound statements outside of stored code, and does not prepare savepoint commands (MySQL).
static NO_COMPOUND: AtomicBool = AtomicBool::new(false);

/// Whether the text is one of few: names of savepoints deep inside of others are not kept.
fn is_common(sql: &str) -> bool {
    sql.split("SAVEPOINT txk_").skip(1).all(|name| {
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        name.starts_with('m') || digits == 1 && name.as_bytes().get(digits) != Some(&b'_')
    })
}

impl Line for MysqlConnection {
    async fn send(&mut self, sql: &str) -> QueryResult<()> {
        if NO_COMPOUND.load(Ordering::Relaxed) {
            return self.batch_execute(sql);
        }
        let sent = match is_common(sql) {
            true => Kept(sql.to_owned()).execute(self),
            false => diesel::sql_query(sql).execute(self),
        };
        match sent {
            Err(Error::DatabaseError(DatabaseErrorKind::Unknown, information))
                if information
                    .message()
                    .contains("prepared statement protocol") =>
            {
                NO_COMPOUND.store(true, Ordering::Relaxed);
                self.batch_execute(sql)
            }
            sent => sent.map(drop),
        }
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
            return self.batch_execute(&block_sql(sql));
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

    async fn block(&mut self, sql: &str) -> QueryResult<()> {
        self.batch(sql).await
    }

    async fn conditions(&mut self) -> Vec<(u16, String)> {
        let Err(Error::DatabaseError(_, answer)) = Kept(CONDITIONS.to_owned()).execute(self) else {
            return Vec::new();
        };
        if answer.message().contains("NOT ATOMIC") {
            return last_condition(self).into_iter().collect();
        }
        answer.message().lines().filter_map(condition).collect()
    }
}

/// The last conditions, as the text of an error: Diesel cannot read the rows of SHOW WARNINGS. Four of them, and the first
/// hundred characters of each ([`CUT`]), are what fits into one.
const CONDITIONS: &str = "BEGIN NOT ATOMIC DECLARE k, e INT; DECLARE m, s TEXT DEFAULT ''; \
    GET DIAGNOSTICS k = NUMBER; \
    FOR i IN REVERSE GREATEST(k - 3, 1)..k DO GET DIAGNOSTICS CONDITION i e = MYSQL_ERRNO, m = MESSAGE_TEXT; \
    SET s = CONCAT(s, e, ' ', LEFT(m, 100), '\\n'); END FOR; \
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 31999, MESSAGE_TEXT = s; END";

fn condition(line: &str) -> Option<(u16, String)> {
    let (number, text) = line.split_once(' ')?;
    Some((number.parse().ok()?, text.to_owned()))
}

/// The last of them, from a server without compound statements.
fn last_condition(conn: &mut MysqlConnection) -> Option<(u16, String)> {
    let ask = "GET DIAGNOSTICS @txk_k = NUMBER; \
               GET DIAGNOSTICS CONDITION @txk_k @txk_e = MYSQL_ERRNO, @txk_t = MESSAGE_TEXT";
    conn.batch_execute(ask).ok()?;
    let read = format!("SELECT CONCAT(@txk_e, ' ', LEFT(@txk_t, {CUT}))");
    let read = diesel::dsl::sql::<Nullable<Text>>(&read);
    let told: Option<String> = read.get_result(conn).ok()?;
    condition(&told?)
}

/// Has the statements that the connection keeps prepared anew. One that failed while its rows were coming waits for the
/// rest of them when it is executed again, without end: Diesel keeps it, and the client library believes in them.
fn forget_statements(conn: &mut MysqlConnection) {
    conn.set_prepared_statement_cache_size(CacheSize::Disabled);
    conn.set_prepared_statement_cache_size(CacheSize::Unbounded);
}

#[diagnostic::do_not_recommend]
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
        disable(lease.status());
    }

    fn spoil(lease: &mut Self::Lease) {
        disable(lease.status());
    }

    fn undo_now(&mut self, sql: &str) -> bool {
        at_once(self.batch(sql)).is_ok()
    }

    fn disable(&mut self, _: &mut Memory) {
        disable(self.status());
    }
}

#[diagnostic::do_not_recommend]
impl StatementTimeout for MysqlConnection {}

#[diagnostic::do_not_recommend]
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
        let undone = at_once(mysql::rollback(self, memory, ended));
        if memory.opaque {
            forget_statements(self);
        }
        undone
    }

    fn control(&mut self, sql: String) -> Result<(), Error> {
        at_once(self.batch(&sql))
    }

    fn alive(&mut self) -> Result<bool, Error> {
        at_once(mysql::alive(self))
    }

    fn diagnose(&mut self, memory: &mut Memory, error: &Error) {
        if matches!(error, Error::DatabaseError(..)) {
            forget_statements(self);
        }
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
        assert!(is_common("SAVEPOINT txk_1") && is_common("ROLLBACK TO SAVEPOINT txk_9"));
        assert!(!is_common("SAVEPOINT txk_12"));
        assert!(!is_common("SAVEPOINT txk_f7"));
        assert!(!is_common("SAVEPOINT txk_1003_1"));
        assert!(is_common(
            "ROLLBACK; SET SESSION lock_wait_timeout = @txk_w"
        ));
    }
}
