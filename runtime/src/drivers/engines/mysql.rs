//! MySQL and MariaDB: the text of BEGIN and of what restores the session, and what error numbers mean; knows no driver and sends nothing.

use std::fmt::Write as _;
use std::time::Duration;

use super::MARKER;
use crate::conflict::{Conflict, Damage, Failure};
use crate::connection::{Engine, Origin, Plan};
use crate::definition::Isolation;
use crate::statement::Dialect;

pub(crate) const ENGINE: Engine = Engine {
    name: "MySQL/MariaDB",
    floor: Isolation::ReadUncommitted,
    deferrable: false,
    one_writer: false,
    dialect: Dialect::MySql,
    limit_locks: Some("SET SESSION innodb_lock_wait_timeout = 5, SESSION lock_wait_timeout = 5"),
    check_constraints: None,
};

pub(crate) mod code {
    pub(crate) const LOCK_WAIT_TIMEOUT: u16 = 1205;
    pub(crate) const LOCK_TABLE_FULL: u16 = 1206;
    pub(crate) const DEADLOCK: u16 = 1213;
    pub(crate) const SNAPSHOT_CHANGED: u16 = 1020;
    pub(crate) const NO_SAVEPOINT: u16 = 1305;
    pub(crate) const SHUTDOWN: u16 = 1053;
    pub(crate) const KILLED: u16 = 1927;
    pub(crate) const IN_TRANSACTION: u16 = 1568;
    pub(crate) const NOWAIT: u16 = 3572;
    pub(crate) const TIDB_CONFLICTS: [u16; 4] = [8002, 8005, 8022, 9007];
    pub(crate) const TIDB_SCHEMA_CHANGED: u16 = 8028;
}

/// Refused inside a transaction. Outside it concerns the next one only, whose BEGIN says it again.
pub(crate) const IS_IDLE: &str = "SET TRANSACTION READ WRITE";

/// What an error with this number means.
pub(crate) fn classify(number: u16) -> Failure {
    match number {
        code::DEADLOCK => Failure::conflict(Damage::Ended, Conflict::Deadlock),
        code::SNAPSHOT_CHANGED => Failure::conflict(Damage::Ended, Conflict::Serialization),
        // Undoes the statement, or with `innodb_rollback_on_timeout` everything.
        code::LOCK_WAIT_TIMEOUT => Failure::conflict(Damage::Doubtful, Conflict::LockTimeout),
        code::NOWAIT => Failure::conflict(Damage::Statement, Conflict::LockTimeout),
        code::LOCK_TABLE_FULL => Failure::of(Damage::Ended),
        code::SHUTDOWN | code::KILLED => Failure::of(Damage::Lost),
        code::TIDB_SCHEMA_CHANGED => Failure::conflict(Damage::Statement, Conflict::Serialization),
        _ if code::TIDB_CONFLICTS.contains(&number) => {
            Failure::conflict(Damage::Ended, Conflict::Serialization)
        }
        _ => Failure::of(Damage::Statement),
    }
}

/// What an error in answer to COMMIT itself means: whether it certainly says that nothing was committed.
pub(crate) fn refuses_commit(number: u16) -> bool {
    matches!(
        number,
        code::DEADLOCK | code::SNAPSHOT_CHANGED | code::TIDB_SCHEMA_CHANGED
    ) || code::TIDB_CONFLICTS.contains(&number)
}

pub(crate) fn begin_sql(plan: &Plan, restore: &mut String) -> String {
    let mut sql = String::new();
    restore.clear();
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
        set_read_only(&mut sql, restore);
    }
    if let Some(time) = plan.lock_timeout {
        set_lock_timeout(&mut sql, restore, time);
    }
    if let Some(time) = plan.statement_timeout {
        set_statement_timeout(&mut sql, restore, time);
    }
    let _ = write!(sql, "START TRANSACTION {access}; SAVEPOINT {MARKER}");
    sql
}

/// Restores the settings, proves that the transaction is ours, and commits: to be sent by [`block_sql`].
///
/// Nothing stands between the proof and COMMIT, and nothing comes after it, whose own end must be the answer.
pub(crate) fn commit_sql(restore: &str) -> String {
    let restore = restore.strip_prefix("; ").unwrap_or_default();
    let then = if restore.is_empty() { "" } else { "; " };
    format!("{restore}{then}RELEASE SAVEPOINT {MARKER}; COMMIT")
}

/// Makes one statement of several, to a server that has blocks; to others it is one message.
///
/// Of the statements of a message a Galera node tells the last one's fate only: if another one meets a conflict between
/// nodes, it is answered with OK, and the next runs outside of any transaction. A block ends at its first error.
pub(crate) fn block_sql(sql: &str) -> String {
    if !sql.contains(';') {
        return sql.to_owned();
    }
    format!("/*M! BEGIN NOT ATOMIC */ {sql} /*M! ; END */")
}

/// For the session, because a transaction's own READ ONLY still lets TRUNCATE and DDL pass.
fn set_read_only(sql: &mut String, restore: &mut String) {
    sql.push_str("SET @txk_r = /*M! @@tx_read_only *//*!50720 @@transaction_read_only */; SET SESSION TRANSACTION READ ONLY; ");
    restore
        .push_str("; SET SESSION /*M! tx_read_only *//*!50720 transaction_read_only */ = @txk_r");
}

/// In whole seconds, rounded up: that is all these settings know.
fn set_lock_timeout(sql: &mut String, restore: &mut String, time: Duration) {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let _ = write!(
        sql,
        "SET @txk_i = @@innodb_lock_wait_timeout, @txk_w = @@lock_wait_timeout, \
         SESSION innodb_lock_wait_timeout = {seconds}, SESSION lock_wait_timeout = {seconds}; "
    );
    restore.push_str(
        "; SET SESSION innodb_lock_wait_timeout = @txk_i, SESSION lock_wait_timeout = @txk_w",
    );
}

/// MariaDB counts in seconds with a fraction, MySQL in milliseconds and for SELECT only.
fn set_statement_timeout(sql: &mut String, restore: &mut String, time: Duration) {
    let (seconds, millis) = (time.as_secs_f64(), time.as_millis().max(1));
    let _ = write!(
        sql,
        "SET /*M! @txk_s = @@max_statement_time, SESSION max_statement_time = {seconds:.6} */\
         /*!50720 @txk_s = @@max_execution_time, SESSION max_execution_time = {millis} */; "
    );
    restore.push_str(
        "; SET SESSION /*M! max_statement_time *//*!50720 max_execution_time */ = @txk_s",
    );
}

/// The number of a lost conflict, and of a lost connection, by its English words; for drivers that hide the number.
#[cfg(feature = "_diesel-mysql")]
pub(crate) fn number_in(message: &str) -> Option<u16> {
    const WORDS: [(&str, u16); 6] = [
        (
            "Transaction characteristics can't be changed while",
            code::IN_TRANSACTION,
        ),
        ("Deadlock found when trying to get lock", code::DEADLOCK),
        ("Lock wait timeout exceeded", code::LOCK_WAIT_TIMEOUT),
        ("Record has changed since last read", code::SNAPSHOT_CHANGED),
        (
            "Statement aborted because lock(s) could not be acquired immediately",
            code::NOWAIT,
        ),
        (
            "The total number of locks exceeds the lock table size",
            code::LOCK_TABLE_FULL,
        ),
    ];
    // Those of the clients, which speak English only.
    const LOST: [&str; 4] = [
        "Lost connection to",
        "Server has gone away",
        "MySQL server has gone away",
        "Input/output error",
    ];
    let starts = |words: &str| message.starts_with(words);
    WORDS
        .iter()
        .find(|(words, _)| starts(words))
        .map(|(_, number)| *number)
        .or_else(|| {
            LOST.iter()
                .any(|words| starts(words))
                .then_some(code::KILLED)
        })
}

/// The conflict that a message tells of.
#[cfg(feature = "_diesel-mysql")]
pub(crate) fn conflict_in(message: &str) -> Option<Conflict> {
    classify(number_in(message)?).conflict
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_is_last_and_the_proof_stands_right_before_it() {
        assert_eq!(commit_sql(""), "RELEASE SAVEPOINT txk_m; COMMIT");
        let mut restore = String::new();
        set_lock_timeout(&mut String::new(), &mut restore, Duration::from_secs(3));
        set_read_only(&mut String::new(), &mut restore);
        let sql = commit_sql(&restore);
        assert!(sql.starts_with("SET SESSION innodb_lock_wait_timeout = @txk_i"));
        assert!(sql.ends_with("= @txk_r; RELEASE SAVEPOINT txk_m; COMMIT"));
    }

    #[test]
    fn a_block_is_one_statement_to_mariadb_and_a_message_to_mysql() {
        let sql = block_sql(&commit_sql(""));
        let to_mariadb = sql.replace("/*M! ", "").replace(" */", "");
        assert_eq!(
            to_mariadb,
            "BEGIN NOT ATOMIC RELEASE SAVEPOINT txk_m; COMMIT ; END"
        );
        assert_eq!(
            sql,
            "/*M! BEGIN NOT ATOMIC */ RELEASE SAVEPOINT txk_m; COMMIT /*M! ; END */"
        );
    }

    #[test]
    fn one_statement_needs_no_block() {
        assert_eq!(block_sql("SAVEPOINT txk_1"), "SAVEPOINT txk_1");
    }

    #[test]
    fn at_commit_conflicts_say_that_nothing_was_committed() {
        for number in [1213, 1020, 8002, 8005, 8022, 8028, 9007] {
            assert!(refuses_commit(number), "{number}");
            assert!(classify(number).conflict.is_some(), "{number}");
        }
        // TiDB's undetermined result and its error without a number of its own, a lost lock, a killed connection.
        for number in [8501, 1105, 1205, 1927, 2013] {
            assert!(!refuses_commit(number), "{number}");
        }
    }

    #[test]
    fn a_schema_change_undoes_the_statement_alone() {
        let failure = classify(code::TIDB_SCHEMA_CHANGED);
        assert_eq!(failure.damage, Damage::Statement);
        assert_eq!(failure.conflict, Some(Conflict::Serialization));
    }
}
