//! SQLite through Diesel, on the thread it is called on: BEGIN, COMMIT, ROLLBACK, settings; knows no runtime.
//!
//! Diesel hides the error code. The words are SQLite's own, and the same in every language.

use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::BigInt;
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};

use super::super::engines::sqlite::{
    busy_timeout, conflict_in, failure, is_busy_in, is_nested_begin,
};
use super::super::engines::{MARKER, foreign_name, undo_sql};
use super::{Foreign, astray, depth, refused, set_depth, unbroken, untouched};
use crate::conflict::{Damage, Failure};
use crate::connection::{Answer, Begun, NotBegun, Origin, Plan, Undone};

/// What the adapter remembers of an open transaction.
#[derive(Debug, Default)]
pub struct Memory {
    /// BEGIN was sent.
    opened: bool,
    /// Restores the settings that BEGIN changed.
    restore: Vec<String>,
    /// How long COMMIT may wait for readers.
    pub(crate) patience: Option<Duration>,
    /// The depth at which the savepoint was made that proves, at COMMIT, that a lent transaction is still ours.
    marker: Option<u32>,
    lent: bool,
    foreign: Option<Foreign>,
}

impl Memory {
    /// Whether there is anything to be undone.
    #[cfg(feature = "diesel-async-sqlite")]
    pub(crate) fn is_open(&self) -> bool {
        self.opened || self.foreign.is_some() || !self.restore.is_empty()
    }

    /// The savepoint at `depth` ended, and with it those made since.
    pub(crate) fn unnested(&mut self, depth: u32) {
        self.marker = self.marker.filter(|made_at| *made_at < depth);
    }
}

/// What an error in a function's chain of causes means. One that is transparent to Diesel's shows its words only.
pub(crate) fn classify_dyn(error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
    match error.downcast_ref() {
        Some(error) => Some(classify(error)),
        None => conflict_in(&error.to_string())
            .map(|conflict| Failure::conflict(Damage::Doubtful, conflict)),
    }
}

pub(crate) fn classify(error: &Error) -> Failure {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, _)
        | Error::BrokenTransactionManager => Failure::of(Damage::Lost),
        Error::DatabaseError(_, information) => failure(is_busy_in(information.message())),
        _ => Failure::of(Damage::None),
    }
}

fn level(conn: &mut SqliteConnection) -> usize {
    depth(status(conn))
}

fn status(conn: &mut SqliteConnection) -> &mut diesel::connection::TransactionManagerStatus {
    AnsiTransactionManager::transaction_manager_status_mut(conn)
}

pub(crate) fn begin(
    conn: &mut SqliteConnection,
    plan: &Plan,
    memory: &mut Memory,
) -> Result<Begun, NotBegun<Error>> {
    unbroken(status(conn))?;
    if level(conn) > 0 {
        return nest(conn, memory).map_err(untouched);
    }
    let begun = configure(conn, plan, memory).and_then(|()| open(conn, plan, memory));
    begun.map_err(|error| NotBegun {
        error,
        clean: restore(conn, memory),
    })
}

/// Makes a savepoint in someone else's transaction.
fn nest(conn: &mut SqliteConnection, memory: &mut Memory) -> QueryResult<Begun> {
    let (name, depth) = (foreign_name(), level(conn));
    conn.batch_execute(&format!("SAVEPOINT {name}"))?;
    // Also one that the driver does not count: its own nested transactions must be savepoints.
    set_depth(status(conn), depth.max(1));
    memory.foreign = Some(Foreign { name, depth });
    Ok(Begun::Foreign)
}

fn open(conn: &mut SqliteConnection, plan: &Plan, memory: &mut Memory) -> QueryResult<Begun> {
    let begin = match plan.read_only {
        true => "BEGIN",
        false => "BEGIN IMMEDIATE",
    };
    memory.opened = true;
    match conn.batch_execute(begin) {
        Ok(()) => {
            set_depth(status(conn), 1);
            if plan.origin == Origin::Lent {
                lend(conn, memory, 0)?;
            }
            Ok(Begun::Own)
        }
        Err(error) if says(&error, is_nested_begin) && plan.origin != Origin::Leased => {
            memory.opened = false;
            // They are not ours to change while someone else's transaction is open.
            restore(conn, memory);
            nest(conn, memory)
        }
        Err(error) => Err(error),
    }
}

/// Everything before COMMIT itself; an answer, if COMMIT is not to be sent.
fn prove(conn: &mut SqliteConnection, memory: &mut Memory) -> Option<Answer<Error>> {
    if let Some(Foreign { name, depth }) = &memory.foreign {
        let released = conn.batch_execute(&format!("RELEASE SAVEPOINT {name}"));
        return Some(match released {
            Ok(()) => {
                set_depth(status(conn), *depth);
                Answer::Committed { clean: true }
            }
            Err(error) => conflicting(error),
        });
    }
    if memory.marker.take().is_some()
        && let Err(error) = conn.batch_execute(&format!("RELEASE SAVEPOINT {MARKER}"))
    {
        return Some(Answer::Partly { error });
    }
    match level(conn) {
        1 => None,
        // Something that was not seen ended it.
        0 => Some(Answer::Partly { error: astray(0) }),
        depth => Some(refused(astray(depth))),
    }
}

/// COMMIT, once. `None` where readers are in its way: the transaction is still open, and it may be sent again.
pub(crate) fn commit(
    conn: &mut SqliteConnection,
    memory: &mut Memory,
    is_late: bool,
) -> Option<Answer<Error>> {
    if let Some(answer) = prove(conn, memory) {
        return Some(answer);
    }
    match conn.batch_execute("COMMIT") {
        Ok(()) => {
            set_depth(status(conn), 0);
            Some(Answer::Committed {
                clean: restore(conn, memory),
            })
        }
        Err(error) if says(&error, is_busy_in) && !is_late => None,
        // Whatever SQLite answers but Ok, it has not committed.
        Err(error) if memory.lent && !alive(conn).unwrap_or(false) => {
            Some(Answer::Partly { error })
        }
        Err(error) => Some(conflicting(error)),
    }
}

pub(crate) fn rollback(
    conn: &mut SqliteConnection,
    memory: &mut Memory,
    ended: bool,
) -> Result<Undone<Error>, Error> {
    if let Some(Foreign { name, depth }) = &memory.foreign {
        conn.batch_execute(&undo_sql(name))?;
        set_depth(status(conn), *depth);
        return Ok(Undone::RolledBack { clean: true });
    }
    let proof = match memory.marker {
        Some(_) if !ended => conn.batch_execute(&format!("ROLLBACK TO SAVEPOINT {MARKER}")),
        _ => Ok(()),
    };
    if memory.opened {
        let undone = conn.batch_execute("ROLLBACK");
        // Where nothing is open SQLite refuses to roll back, and that is as good.
        if undone.is_err() && alive(conn)? {
            undone?;
        }
        set_depth(status(conn), 0);
    }
    let clean = restore(conn, memory);
    Ok(match proof {
        Err(error) => Undone::Gone { error },
        Ok(()) => Undone::RolledBack { clean },
    })
}

/// BEGIN is refused inside a transaction; outside it opens one, which is closed again.
pub(crate) fn alive(conn: &mut SqliteConnection) -> QueryResult<bool> {
    match conn.batch_execute("BEGIN") {
        Ok(()) => conn.batch_execute("ROLLBACK").map(|()| false),
        Err(error) if says(&error, is_nested_begin) => Ok(true),
        Err(error) => Err(error),
    }
}

pub(crate) fn lend(
    conn: &mut SqliteConnection,
    memory: &mut Memory,
    depth: u32,
) -> QueryResult<()> {
    memory.lent = true;
    if memory.foreign.is_none() && memory.marker.is_none() {
        conn.batch_execute(&format!("SAVEPOINT {MARKER}"))?;
        memory.marker = Some(depth);
    }
    Ok(())
}

/// Applies the settings that are the connection's, not the transaction's, and remembers what they were.
fn configure(conn: &mut SqliteConnection, plan: &Plan, memory: &mut Memory) -> QueryResult<()> {
    if plan.read_only {
        swap(conn, memory, "query_only", 1)?;
    }
    if let Some(time) = plan.lock_timeout {
        swap(conn, memory, "busy_timeout", busy_timeout(time))?;
        memory.patience = Some(time);
    }
    Ok(())
}

fn swap(
    conn: &mut SqliteConnection,
    memory: &mut Memory,
    pragma: &str,
    value: i64,
) -> QueryResult<()> {
    let ask = diesel::dsl::sql::<BigInt>(&format!("PRAGMA {pragma}"));
    let before: i64 = ask.get_result(conn)?;
    memory.restore.push(format!("PRAGMA {pragma} = {before}"));
    conn.batch_execute(&format!("PRAGMA {pragma} = {value}"))
}

/// Gives the connection its settings back; `false` if that failed.
fn restore(conn: &mut SqliteConnection, memory: &mut Memory) -> bool {
    while let Some(sql) = memory.restore.last() {
        if conn.batch_execute(sql).is_err() {
            return false;
        }
        memory.restore.pop();
    }
    true
}

fn conflicting(error: Error) -> Answer<Error> {
    Answer::Refused {
        conflict: classify(&error).conflict,
        error,
    }
}

fn says(error: &Error, words: fn(&str) -> bool) -> bool {
    matches!(error, Error::DatabaseError(_, information) if words(information.message()))
}
