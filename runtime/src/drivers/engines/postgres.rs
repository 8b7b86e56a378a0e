//! PostgreSQL: the text of BEGIN, and what SQLSTATEs and messages mean; knows no driver and sends nothing.

#[cfg(feature = "_diesel-postgres")]
pub(crate) mod words;

use std::fmt::Write as _;
use std::time::Duration;

use crate::conflict::{Conflict, Damage, Failure};
use crate::connection::{Engine, Plan};
use crate::definition::Isolation;
use crate::statement::Dialect;

pub(crate) const ENGINE: Engine = Engine {
    name: "PostgreSQL",
    // READ UNCOMMITTED is READ COMMITTED there.
    floor: Isolation::ReadCommitted,
    deferrable: true,
    one_writer: false,
    dialect: Dialect::Postgres,
    limit_locks: Some("SET lock_timeout = 5000"),
    check_constraints: Some("SET CONSTRAINTS ALL IMMEDIATE"),
};

/// Whether a transaction is open, whoever began it: outside of one, both are the time of this very message, if it is sent as
/// a simple one.
#[cfg(feature = "sqlx-postgres")]
pub(crate) const IS_OPEN: &str = "SELECT now() <> statement_timestamp()";

/// What an error with this SQLSTATE means, unless it is fatal.
#[cfg(feature = "sqlx-postgres")]
pub(crate) fn classify(state: &str) -> Failure {
    match state {
        "40001" => Failure::conflict(Damage::Aborted, Conflict::Serialization),
        "40P01" => Failure::conflict(Damage::Aborted, Conflict::Deadlock),
        "55P03" => Failure::conflict(Damage::Aborted, Conflict::LockTimeout),
        _ => Failure::of(Damage::Aborted),
    }
}

/// The version that knows `transaction_timeout`.
const TRANSACTION_TIMEOUT: u32 = 170_000;

/// What makes the server end the transaction after this time, where it can. A driver that does not tell the server's
/// version has the server look for the setting.
fn transaction_timeout(time: Duration, version: Option<u32>) -> String {
    let millis = millis(time);
    match version {
        Some(version) if version < TRANSACTION_TIMEOUT => String::new(),
        Some(_) => format!("; SET LOCAL transaction_timeout = {millis}"),
        None => format!(
            "; SELECT set_config('transaction_timeout', '{millis}', true) \
             WHERE current_setting('transaction_timeout', true) IS NOT NULL"
        ),
    }
}

pub(crate) fn begin_sql(plan: &Plan, version: Option<u32>) -> String {
    let mut sql = String::from("BEGIN");
    if let Some(isolation) = plan.isolation {
        let _ = write!(sql, " ISOLATION LEVEL {}", isolation.sql());
    }
    if plan.read_only {
        sql.push_str(" READ ONLY");
    }
    if plan.deferrable {
        sql.push_str(" DEFERRABLE");
    }
    for (setting, time) in [
        ("statement_timeout", plan.statement_timeout),
        ("lock_timeout", plan.lock_timeout),
    ] {
        if let Some(time) = time {
            let _ = write!(sql, "; SET LOCAL {setting} = {}", millis(time));
        }
    }
    if let Some(time) = plan.timeout {
        sql.push_str(&transaction_timeout(time, version));
    }
    sql
}

/// Whole milliseconds, at least one: zero would switch the timeout off.
fn millis(time: Duration) -> u128 {
    time.as_millis().clamp(1, i32::MAX as u128)
}
