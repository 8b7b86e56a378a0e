//! PostgreSQL through Diesel: BEGIN, the verified COMMIT, ROLLBACK, and what its errors mean; knows no blocking and no awaiting.
//!
//! Diesel hides the SQLSTATE. A serialization failure has a kind of its own; other conflicts are known by their words, in
//! the languages of `engines::postgres::words`. Everything else that must be told apart is told by names of our own in
//! the message, or by whether the server still answers.

use std::fmt::Write as _;
use std::future::Future;

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};

use super::super::engines::postgres::{begin_sql, words};
use super::super::engines::{MARKER, foreign_name, undo_sql};
use super::{Foreign, Line, astray, depth, refused, set_depth, unbroken, untouched};
use crate::conflict::{Conflict, Damage, Failure};
use crate::connection::{Answer, Begun, NotBegun, Origin, Plan, Undone};

/// What the adapter remembers of an open transaction.
#[derive(Debug, Default)]
pub struct Memory {
    /// BEGIN was sent.
    pub(crate) opened: bool,
    /// The depth at which the savepoint was made that proves, at COMMIT, that a lent transaction is still ours.
    marker: Option<u32>,
    pub(crate) foreign: Option<Foreign>,
}

impl Memory {
    /// The savepoint at `depth` ended, and with it those made since.
    pub(crate) fn unnested(&mut self, depth: u32) {
        self.marker = self.marker.filter(|made_at| *made_at < depth);
    }
}

/// A line to PostgreSQL.
pub(crate) trait PgLine: Line {
    /// Whether a transaction is open, whoever began it.
    fn is_open(&mut self) -> impl Future<Output = QueryResult<bool>> + Send;

    /// Whether the server still answers, after an error.
    fn answers(&mut self) -> impl Future<Output = bool> + Send;
}

/// What an error in a function's chain of causes means. One that is transparent to Diesel's shows its words only.
pub(crate) fn classify_dyn(error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
    match error.downcast_ref() {
        Some(error) => Some(classify(error)),
        None => words::conflict(&error.to_string())
            .map(|conflict| Failure::conflict(Damage::Aborted, conflict)),
    }
}

pub(crate) fn classify(error: &Error) -> Failure {
    match error {
        Error::DatabaseError(kind, information) => match kind {
            DatabaseErrorKind::SerializationFailure => {
                Failure::conflict(Damage::Aborted, Conflict::Serialization)
            }
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Failure::of(Damage::Lost)
            }
            _ => Failure {
                damage: Damage::Aborted,
                // The server's own words for a deadlock come with those for who waited for whom; a user's do not.
                conflict: words::conflict(information.message()).filter(|conflict| {
                    *conflict != Conflict::Deadlock || information.details().is_some()
                }),
            },
        },
        Error::BrokenTransactionManager => Failure::of(Damage::Lost),
        _ => Failure::of(Damage::None),
    }
}

pub(crate) async fn begin(
    line: &mut impl PgLine,
    plan: &Plan,
    memory: &mut Memory,
) -> Result<Begun, NotBegun<Error>> {
    unbroken(line.status())?;
    if plan.origin != Origin::Leased && nest(line, memory).await.map_err(untouched)? {
        return Ok(Begun::Foreign);
    }
    let mut sql = begin_sql(plan, None);
    if plan.origin == Origin::Lent {
        memory.marker = Some(0);
        let _ = write!(sql, "; SAVEPOINT {MARKER}");
    }
    memory.opened = true;
    match line.send(&sql).await {
        Ok(()) => {
            set_depth(line.status(), 1);
            Ok(Begun::Own)
        }
        // BEGIN may have succeeded, and one of the settings after it failed.
        Err(error) => {
            let clean = line.send("ROLLBACK").await.is_ok();
            if clean {
                set_depth(line.status(), 0);
            }
            Err(NotBegun { error, clean })
        }
    }
}

/// Makes a savepoint, if someone else's transaction is open on the connection.
async fn nest(line: &mut impl PgLine, memory: &mut Memory) -> QueryResult<bool> {
    let depth = depth(line.status());
    if depth == 0 && !line.is_open().await? {
        return Ok(false);
    }
    let name = foreign_name();
    line.send(&format!("SAVEPOINT {name}")).await?;
    // Also one that the driver does not count: its own nested transactions must be savepoints.
    set_depth(line.status(), depth.max(1));
    memory.foreign = Some(Foreign { name, depth });
    Ok(true)
}

pub(crate) async fn commit(line: &mut impl PgLine, memory: &mut Memory) -> Answer<Error> {
    if let Some(Foreign { name, depth }) = &memory.foreign {
        return match line.send(&format!("RELEASE SAVEPOINT {name}")).await {
            Ok(()) => {
                set_depth(line.status(), *depth);
                Answer::Committed { clean: true }
            }
            Err(error) => conflicting(error),
        };
    }
    // Proven, and used up.
    if memory.marker.take().is_some()
        && let Err(error) = line.send(&format!("RELEASE SAVEPOINT {MARKER}")).await
    {
        // COMMIT was not sent.
        return match is_gone(&error) {
            true => Answer::Partly { error },
            false => conflicting(error),
        };
    }
    match depth(line.status()) {
        1 => {}
        // Something that was not seen ended it.
        0 => return Answer::Partly { error: astray(0) },
        depth => return refused(astray(depth)),
    }
    // One message: COMMIT is not reached unless a transaction is open and sound.
    match line.send(&format!("SAVEPOINT {MARKER}; COMMIT")).await {
        Ok(()) => {
            set_depth(line.status(), 0);
            Answer::Committed { clean: true }
        }
        Err(error) => judge(line, error).await,
    }
}

/// What an error in answer to the message with COMMIT in it means.
async fn judge(line: &mut impl PgLine, error: Error) -> Answer<Error> {
    // What a deferred trigger raises may name anything: here the words must be the server's own.
    if matches!(&error, Error::DatabaseError(DatabaseErrorKind::Unknown, information)
        if words::is_outside(information.message()))
    {
        return Answer::Partly { error };
    }
    // CockroachDB says in words that it does not know, and goes on answering.
    let ambiguous = matches!(&error, Error::DatabaseError(_, information)
        if information.message().contains("ambiguous"));
    match !ambiguous && line.answers().await {
        // A server that goes on answering has not died of COMMIT: it refused it.
        true => conflicting(error),
        false => Answer::Unknown { error },
    }
}

pub(crate) async fn rollback(
    line: &mut impl PgLine,
    memory: &mut Memory,
) -> Result<Undone<Error>, Error> {
    let undone = Undone::RolledBack { clean: true };
    if let Some(Foreign { name, depth }) = &memory.foreign {
        line.send(&undo_sql(name)).await?;
        set_depth(line.status(), *depth);
        return Ok(undone);
    }
    // PostgreSQL never ends a transaction by itself: if the marker is gone, the borrower ended it.
    let proof = match memory.marker {
        Some(_) => line.send(&format!("ROLLBACK TO SAVEPOINT {MARKER}")).await,
        None => Ok(()),
    };
    line.send("ROLLBACK").await?;
    set_depth(line.status(), 0);
    Ok(match proof {
        Err(error) if is_gone(&error) => Undone::Gone { error },
        _ => undone,
    })
}

pub(crate) async fn lend(
    line: &mut impl PgLine,
    memory: &mut Memory,
    depth: u32,
) -> QueryResult<()> {
    if memory.foreign.is_none() && memory.marker.is_none() {
        line.send(&format!("SAVEPOINT {MARKER}")).await?;
        memory.marker = Some(depth);
    }
    Ok(())
}

fn conflicting(error: Error) -> Answer<Error> {
    Answer::Refused {
        conflict: classify(&error).conflict,
        error,
    }
}

/// What a savepoint command of ours says where there is no transaction, or not the one with our savepoint. In every language
/// the message names the command, or our savepoint, and that of an aborted transaction names neither.
fn is_gone(error: &Error) -> bool {
    let Error::DatabaseError(DatabaseErrorKind::Unknown, information) = error else {
        return false;
    };
    let message = information.message();
    message.contains(MARKER) || message.contains("SAVEPOINT")
}
