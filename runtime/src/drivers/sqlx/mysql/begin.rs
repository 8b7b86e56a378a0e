//! The text of BEGIN for MySQL and MariaDB, and of what restores the session settings that it changes. Sends nothing.

use std::fmt::Write as _;
use std::time::Duration;

use super::{MARKER, Memory};
use crate::connection::{Origin, Plan};

pub(super) fn begin_sql(plan: &Plan, memory: &mut Memory) -> String {
    let mut sql = String::new();
    memory.restore.clear();
    let access = if plan.read_only {
        "READ ONLY"
    } else {
        "READ WRITE"
    };
    match plan.isolation {
        Some(isolation) => drop(write!(
            sql,
            "SET TRANSACTION ISOLATION LEVEL {}; ",
            isolation.sql()
        )),
        // Refused inside a transaction, where START TRANSACTION would commit it.
        None if plan.origin != Origin::Leased => drop(write!(sql, "SET TRANSACTION {access}; ")),
        None => {}
    }
    if plan.read_only {
        set_read_only(&mut sql, memory);
    }
    if let Some(time) = plan.lock_timeout {
        set_lock_timeout(&mut sql, memory, time);
    }
    if let Some(time) = plan.statement_timeout {
        set_statement_timeout(&mut sql, memory, time);
    }
    let _ = write!(sql, "START TRANSACTION {access}; SAVEPOINT {MARKER}");
    sql
}

/// For the session, because a transaction's own READ ONLY still lets TRUNCATE and DDL pass.
fn set_read_only(sql: &mut String, memory: &mut Memory) {
    sql.push_str("SET @txk_r = /*M! @@tx_read_only *//*!50720 @@transaction_read_only */; SET SESSION TRANSACTION READ ONLY; ");
    memory
        .restore
        .push_str("; SET SESSION /*M! tx_read_only *//*!50720 transaction_read_only */ = @txk_r");
}

/// In whole seconds, rounded up: that is all these settings know.
fn set_lock_timeout(sql: &mut String, memory: &mut Memory, time: Duration) {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let _ = write!(
        sql,
        "SET @txk_i = @@innodb_lock_wait_timeout, @txk_w = @@lock_wait_timeout, \
         SESSION innodb_lock_wait_timeout = {seconds}, SESSION lock_wait_timeout = {seconds}; "
    );
    memory.restore.push_str(
        "; SET SESSION innodb_lock_wait_timeout = @txk_i, SESSION lock_wait_timeout = @txk_w",
    );
}

/// MariaDB counts in seconds with a fraction, MySQL in milliseconds and for SELECT only.
fn set_statement_timeout(sql: &mut String, memory: &mut Memory, time: Duration) {
    let (seconds, millis) = (time.as_secs_f64(), time.as_millis().max(1));
    let _ = write!(
        sql,
        "SET /*M! @txk_s = @@max_statement_time, SESSION max_statement_time = {seconds:.6} */\
         /*!50720 @txk_s = @@max_execution_time, SESSION max_execution_time = {millis} */; "
    );
    memory.restore.push_str(
        "; SET SESSION /*M! max_statement_time *//*!50720 max_execution_time */ = @txk_s",
    );
}
