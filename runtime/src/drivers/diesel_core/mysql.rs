//! MySQL and MariaDB through Diesel: BEGIN, the verified COMMIT, ROLLBACK, and what errors mean; knows no blocking and no awaiting.
//!
//! Diesel hides the error number, and the server may speak any language: after an error whose kind does not tell, the
//! server is asked for the number. Where nobody can ask (an error that a function returned), the English words decide.

use std::future::Future;

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};

use super::super::engines::mysql::{
    IS_IDLE, begin_sql, classify as classify_number, code, commit_sql, conflict_in, number_in,
    refuses_commit,
};
use super::super::engines::{MARKER, foreign_name, undo_sql};
use super::{Foreign, Line, astray, depth, refused, set_depth, unbroken, untouched};
use crate::conflict::{Conflict, Damage, Failure};
use crate::connection::{Answer, Begun, NotBegun, Origin, Plan, Undone};

/// What the adapter remembers of an open transaction.
#[derive(Debug, Default)]
pub struct Memory {
    /// BEGIN was sent.
    pub(crate) opened: bool,
    /// Something ran that may have committed behind our back.
    pub(crate) opaque: bool,
    /// Restores the session settings that BEGIN changed.
    pub(crate) restore: String,
    pub(crate) foreign: Option<Foreign>,
    /// What the server said of the last error.
    diagnosis: Option<Failure>,
}

/// A line to MySQL or MariaDB.
pub(crate) trait MysqlLine: Line {
    /// Sends statements in one message: what follows one that fails is not executed.
    fn batch(&mut self, sql: &str) -> impl Future<Output = QueryResult<()>> + Send;

    /// The same as one statement, where the server can: see [`block_sql`](super::super::engines::mysql::block_sql).
    fn block(&mut self, sql: &str) -> impl Future<Output = QueryResult<()>> + Send;

    /// Asks the server for its last conditions, with their numbers and texts: an error, and what was said before and after
    /// it. None where it cannot say.
    fn conditions(&mut self) -> impl Future<Output = Vec<(u16, String)>> + Send;
}

/// What an error in a function's chain of causes means. One that is transparent to Diesel's shows its words only.
pub(crate) fn classify_dyn(error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
    match error.downcast_ref() {
        Some(error) => Some(classify(error)),
        None => conflict_in(&error.to_string())
            .map(|conflict| Failure::conflict(Damage::Ended, conflict)),
    }
}

/// What an error means as far as it can be told without the server.
pub(crate) fn classify(error: &Error) -> Failure {
    match error {
        Error::DatabaseError(kind, information) => match kind {
            DatabaseErrorKind::SerializationFailure => {
                Failure::conflict(Damage::Ended, Conflict::Deadlock)
            }
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Failure::of(Damage::Lost)
            }
            _ => number_in(information.message())
                .map_or(Failure::of(Damage::Statement), classify_number),
        },
        Error::BrokenTransactionManager => Failure::of(Damage::Lost),
        _ => Failure::of(Damage::None),
    }
}

/// What an error means, by the server's diagnosis if there is one.
pub(crate) fn judge(memory: &mut Memory, error: &Error) -> Failure {
    let diagnosis = memory.diagnosis.take();
    diagnosis.unwrap_or_else(|| classify(error))
}

/// Asks the server what the error was that it has just answered.
pub(crate) async fn diagnose(line: &mut impl MysqlLine, memory: &mut Memory, error: &Error) {
    memory.diagnosis = None;
    // An error that did not come from the server would be mistaken for the one before it.
    if let Error::DatabaseError(DatabaseErrorKind::Unknown, _) = error {
        memory.diagnosis = Some(match asked(line, error).await {
            Some(number) => classify_number(number),
            None => untold(error),
        });
    }
}

/// What an error means where the server did not tell its number: by its words, and where they say nothing, it is asked
/// whether the transaction is there.
fn untold(error: &Error) -> Failure {
    match classify(error) {
        Failure {
            damage: Damage::Statement,
            conflict: None,
        } => Failure::of(Damage::Doubtful),
        by_words => by_words,
    }
}

/// The number of the error that the server has just answered, as it tells. Its other conditions are not it: warnings, the
/// place in a block, or what an earlier statement left.
async fn asked(line: &mut impl MysqlLine, error: &Error) -> Option<u16> {
    let Error::DatabaseError(_, information) = error else {
        return None;
    };
    let message = information.message();
    let conditions = line.conditions().await;
    let same =
        |text: &str| message == text || text.chars().count() == CUT && message.starts_with(text);
    let found = conditions.into_iter().find(|(_, text)| same(text));
    found.map(|(number, _)| number)
}

/// How many characters of a condition's text are looked at, where it has more.
pub(crate) const CUT: usize = 100;

/// The same, else by the error's kind and words.
async fn number(line: &mut impl MysqlLine, error: &Error) -> Option<u16> {
    let Error::DatabaseError(kind, information) = error else {
        return None;
    };
    if matches!(kind, DatabaseErrorKind::SerializationFailure) {
        return Some(code::DEADLOCK);
    }
    match asked(line, error).await {
        Some(number) => Some(number),
        None if information.message().contains(MARKER) => Some(code::NO_SAVEPOINT),
        None => number_in(information.message()),
    }
}

pub(crate) async fn begin(
    line: &mut impl MysqlLine,
    plan: &Plan,
    memory: &mut Memory,
) -> Result<Begun, NotBegun<Error>> {
    unbroken(line.status())?;
    if plan.origin != Origin::Leased && depth(line.status()) > 0 {
        return nest(line, memory).await;
    }
    let mut sql = begin_sql(plan, &mut memory.restore);
    if plan.origin == Origin::Lent {
        // So that what the server remembers in the end is of this transaction: a harmless warning.
        sql.push_str("; DO CAST('' AS SIGNED)");
    }
    memory.opened = true;
    memory.opaque = plan.origin == Origin::Lent;
    let Err(error) = line.batch(&sql).await else {
        set_depth(line.status(), 1);
        return Ok(Begun::Own);
    };
    let number = number(line, &error).await;
    if plan.origin != Origin::Leased && number == Some(code::IN_TRANSACTION) {
        memory.opened = false;
        return nest(line, memory).await;
    }
    memory.diagnosis = number.map(classify_number);
    if plan.origin == Origin::Leased {
        return Err(NotBegun {
            error,
            clean: false,
        });
    }
    // The level that was set waits for the next transaction: this one takes it away.
    let undo = format!("ROLLBACK; START TRANSACTION; ROLLBACK{}", memory.restore);
    Err(NotBegun {
        error,
        clean: line.batch(&undo).await.is_ok(),
    })
}

/// Makes a savepoint in someone else's transaction.
async fn nest(line: &mut impl MysqlLine, memory: &mut Memory) -> Result<Begun, NotBegun<Error>> {
    let (name, depth) = (foreign_name(), depth(line.status()));
    let made = line.send(&format!("SAVEPOINT {name}")).await;
    made.map_err(untouched)?;
    // Also one that the driver does not count: its own nested transactions must be savepoints.
    set_depth(line.status(), depth.max(1));
    memory.foreign = Some(Foreign { name, depth });
    Ok(Begun::Foreign)
}

pub(crate) async fn commit(line: &mut impl MysqlLine, memory: &mut Memory) -> Answer<Error> {
    if let Some(Foreign { name, depth }) = &memory.foreign {
        return match line.send(&format!("RELEASE SAVEPOINT {name}")).await {
            Ok(()) => {
                set_depth(line.status(), *depth);
                Answer::Committed { clean: true }
            }
            Err(error) => Answer::Refused {
                conflict: number(line, &error).await.and_then(|number| match number {
                    // It went with the transaction, which the engine ended.
                    code::NO_SAVEPOINT => Some(Conflict::Deadlock),
                    number => classify_number(number).conflict,
                }),
                error,
            },
        };
    }
    let depth = depth(line.status());
    if depth != 1 {
        return match line.send(&format!("RELEASE SAVEPOINT {MARKER}")).await {
            Ok(()) => {
                // Proven, and the proof used up.
                memory.opaque = false;
                refused(astray(depth))
            }
            Err(error) => Answer::Partly { error },
        };
    }
    // Should a setting not let itself be restored, that reads as an unknown outcome.
    match line.block(&commit_sql(&memory.restore)).await {
        Ok(()) => {
            set_depth(line.status(), 0);
            Answer::Committed { clean: true }
        }
        Err(error) => uncommitted(line, memory, error).await,
    }
}

/// What an error in answer to the message with COMMIT in it means.
async fn uncommitted(
    line: &mut impl MysqlLine,
    memory: &mut Memory,
    error: Error,
) -> Answer<Error> {
    let number = number(line, &error).await;
    if number == Some(code::NO_SAVEPOINT) {
        return match memory.opaque {
            true => Answer::Partly { error },
            // Nothing but the engine itself could have ended it: on a Galera node, a conflict with another one.
            false => Answer::Refused {
                error,
                conflict: Some(Conflict::Deadlock),
            },
        };
    }
    // The savepoint was there, and is no more: there is nothing left that could be proven by it.
    memory.opaque = false;
    match number {
        Some(number) if refuses_commit(number) => Answer::Refused {
            error,
            conflict: classify_number(number).conflict,
        },
        _ => Answer::Unknown { error },
    }
}

pub(crate) async fn rollback(
    line: &mut impl MysqlLine,
    memory: &mut Memory,
    ended: bool,
) -> Result<Undone<Error>, Error> {
    if let Some(Foreign { name, depth }) = &memory.foreign {
        line.block(&undo_sql(name)).await?;
        set_depth(line.status(), *depth);
        return Ok(Undone::RolledBack { clean: true });
    }
    let mut gone = None;
    // A body that has the connection itself may have met an error that ended everything, and have returned it: the server
    // remembers.
    if memory.opaque
        && !ended
        && !line.conditions().await.iter().any(is_end)
        && let Err(error) = line.send(&format!("ROLLBACK TO SAVEPOINT {MARKER}")).await
        && number(line, &error).await == Some(code::NO_SAVEPOINT)
    {
        gone = Some(error);
    }
    line.batch(&format!("ROLLBACK{}", memory.restore)).await?;
    set_depth(line.status(), 0);
    Ok(match gone {
        Some(error) => Undone::Gone { error },
        None => Undone::RolledBack { clean: true },
    })
}

pub(crate) async fn alive(line: &mut impl MysqlLine) -> QueryResult<bool> {
    match line.send(IS_IDLE).await {
        Ok(()) => Ok(false),
        Err(error) => match number(line, &error).await {
            Some(code::IN_TRANSACTION) => Ok(true),
            _ => Err(error),
        },
    }
}

/// Whether a condition is an error that ends the transaction.
fn is_end((number, _): &(u16, String)) -> bool {
    classify_number(*number).damage == Damage::Ended
}
