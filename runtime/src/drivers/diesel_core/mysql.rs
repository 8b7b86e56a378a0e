//! MySQL and MariaDB through Diesel: BEGIN, the verified COMMIT, ROLLBACK, and what errors mean; knows no blocking and no awaiting.
//!
//! Diesel hides the error number, and the server may speak any language: after an error whose kind does not tell, the
//! server is asked for the number. Where nobody can ask (an error that a function returned), the English words decide.

use std::future::Future;

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};

use super::super::engines::mysql::{
    IS_IDLE, begin_sql, classify as classify_number, code, conflict_in, number_in, refuses_commit,
};
use super::super::engines::{MARKER, foreign_name, undo_sql};
use super::{Foreign, Line, astray, depth, is_broken, refused, set_depth, untouched};
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

    /// Asks the server for the number of the error that it has just answered.
    fn number(&mut self) -> impl Future<Output = Option<u16>> + Send;
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
    // An error that did not come from the server would be mistaken for the one before it.
    if let Error::DatabaseError(DatabaseErrorKind::Unknown, _) = error {
        memory.diagnosis = Some(match line.number().await {
            Some(number) => classify_number(number),
            None => Failure::of(Damage::Lost),
        });
    }
}

pub(crate) async fn begin(
    line: &mut impl MysqlLine,
    plan: &Plan,
    memory: &mut Memory,
) -> Result<Begun, NotBegun<Error>> {
    if is_broken(line.status()) {
        return Err(NotBegun {
            error: Error::BrokenTransactionManager,
            clean: false,
        });
    }
    if plan.origin != Origin::Leased && depth(line.status()) > 0 {
        return nest(line, memory).await;
    }
    let sql = begin_sql(plan, &mut memory.restore);
    memory.opened = true;
    memory.opaque = plan.origin == Origin::Lent;
    let Err(error) = line.batch(&sql).await else {
        set_depth(line.status(), 1);
        return Ok(Begun::Own);
    };
    let number = line.number().await;
    memory.diagnosis = number.map(classify_number);
    if plan.origin == Origin::Leased {
        return Err(NotBegun {
            error,
            clean: false,
        });
    }
    if number == Some(code::IN_TRANSACTION) {
        memory.opened = false;
        return nest(line, memory).await;
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
                conflict: line.number().await.and_then(|number| match number {
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
            Ok(()) => refused(astray(depth)),
            Err(error) => Answer::Partly { error },
        };
    }
    // One message: COMMIT is not reached unless the savepoint is there. Should a setting not let itself be restored after it,
    // that reads as an unknown outcome.
    let sql = format!("RELEASE SAVEPOINT {MARKER}; COMMIT{}", memory.restore);
    match line.batch(&sql).await {
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
    let number = match &error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Some(code::DEADLOCK),
        _ => line.number().await,
    };
    match number {
        Some(code::NO_SAVEPOINT) if memory.opaque => Answer::Partly { error },
        // Nothing but the engine itself could have ended it: on a Galera node, a conflict with another one.
        Some(code::NO_SAVEPOINT) => Answer::Refused {
            error,
            conflict: Some(Conflict::Deadlock),
        },
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
        line.batch(&undo_sql(name)).await?;
        set_depth(line.status(), *depth);
        return Ok(Undone::RolledBack { clean: true });
    }
    let mut gone = None;
    if memory.opaque
        && !ended
        && let Err(error) = line.send(&format!("ROLLBACK TO SAVEPOINT {MARKER}")).await
        && line.number().await == Some(code::NO_SAVEPOINT)
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
        Err(error) => match line.number().await {
            Some(code::IN_TRANSACTION) => Ok(true),
            _ => Err(error),
        },
    }
}
