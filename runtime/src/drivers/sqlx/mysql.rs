//! MySQL and MariaDB through SQLx: BEGIN, the verified COMMIT, ROLLBACK, and what their error numbers mean.
//!
//! A savepoint made with BEGIN proves at COMMIT that the transaction is ours: the server forgets it when it ends a
//! transaction, which it does on a deadlock without the driver noticing.

use std::error::Error as StdError;

use sqlx_core::Error;
use sqlx_core::pool::{Pool, PoolConnection};
use sqlx_core::transaction::TransactionManager;
use sqlx_mysql::{MySql, MySqlConnection, MySqlDatabaseError, MySqlTransactionManager};

use super::super::engines::mysql::{
    ENGINE, IS_IDLE, begin_sql, block_sql, classify, code, commit_sql, refuses_commit,
};
use super::super::engines::{MARKER, foreign_name, undo_sql};
use super::executor::executor;
use super::shared::{self, Foreign, Uncommitted, safe, send};
use crate::conflict::{Conflict, Failure};
use crate::connection::{
    Answer, AsyncConnection, Begun, Connection, Engine, NotBegun, Origin, Plan, PoolFacts,
    StatementTimeout, Undone,
};
use crate::gate::Lives;
use crate::hooks::Async;

executor!(MySql, MySqlConnection);

/// What the adapter remembers of an open transaction.
#[derive(Debug, Default)]
pub struct Memory {
    /// BEGIN was sent.
    opened: bool,
    /// Something ran that may have committed behind our back.
    opaque: bool,
    /// Restores the session settings that BEGIN changed.
    restore: String,
    foreign: Option<Foreign>,
}

#[diagnostic::do_not_recommend]
impl Connection for MySqlConnection {
    type Mode = Async;
    type Pool = Pool<MySql>;
    type Lease = PoolConnection<MySql>;
    type Error = Error;
    type Memory = Memory;

    const ENGINE: Engine = ENGINE;

    fn facts(pool: &Self::Pool) -> PoolFacts {
        shared::facts(pool)
    }

    fn lives(pool: &Self::Pool) -> Lives {
        shared::lives(pool)
    }

    fn depth(&mut self) -> usize {
        MySqlTransactionManager::get_transaction_depth(self)
    }

    fn classify(error: &Error) -> Failure {
        number(error).map_or_else(|| shared::outside_database(error), classify)
    }

    fn classify_dyn(error: &(dyn StdError + 'static)) -> Option<Failure> {
        let error: &MySqlDatabaseError = shared::find_database_error(error)?;
        Some(classify(error.number()))
    }

    fn opaque(memory: &mut Memory) {
        memory.opaque = true;
    }

    fn abandon(&mut self, memory: &mut Memory, origin: Origin, in_flight: bool) -> bool {
        match &memory.foreign {
            Some(Foreign::Driver(level)) => {
                shared::abandon_foreign::<MySqlTransactionManager>(self, *level);
            }
            Some(Foreign::Raw(name)) => {
                shared::poll_once(send(self, undo_sql(name)));
                // Behind a running statement nothing can be queued that the driver does not count.
                return !in_flight;
            }
            None if !memory.opened => return true,
            // A statement that was dropped half-way leaves the protocol out of step, too.
            None if origin == Origin::Leased => return false,
            // What cannot be promised: a BEGIN that is on its way is not counted yet (the next `begin` here finds its
            // marker and undoes it), and settings cannot be restored without waiting.
            None => {
                let counted = self.depth() > 0;
                shared::queue_rollbacks::<MySqlTransactionManager>(self, 0);
                return counted && memory.restore.is_empty();
            }
        }
        true
    }

    fn discard(lease: Self::Lease, _: &mut Memory) {
        drop(lease.detach());
    }

    fn spoil(lease: &mut Self::Lease) {
        lease.close_on_drop();
    }
}

fn number(error: &Error) -> Option<u16> {
    Some(
        error
            .as_database_error()?
            .try_downcast_ref::<MySqlDatabaseError>()?
            .number(),
    )
}

#[diagnostic::do_not_recommend]
impl StatementTimeout for MySqlConnection {}

#[diagnostic::do_not_recommend]
impl AsyncConnection for MySqlConnection {
    async fn lease(pool: &Self::Pool) -> Result<Self::Lease, Error> {
        pool.acquire().await
    }

    async fn begin(&mut self, plan: &Plan, memory: &mut Memory) -> Result<Begun, NotBegun<Error>> {
        if plan.origin != Origin::Leased && self.depth() > 0 {
            let foreign = shared::nest::<MySqlTransactionManager>(self).await;
            memory.foreign = Some(foreign.map_err(untouched)?);
            return Ok(Begun::Foreign);
        }
        match open(self, plan, memory).await {
            Err(NotBegun { error, .. }) if number(&error) == Some(code::IN_TRANSACTION) => {
                in_transaction(self, plan, memory).await
            }
            begun => begun.map(|()| Begun::Own),
        }
    }

    async fn commit(&mut self, memory: &mut Memory) -> Answer<Error> {
        if let Some(foreign) = &memory.foreign {
            return match shared::release_foreign::<MySqlTransactionManager>(self, foreign).await {
                Ok(()) => Answer::Committed { clean: true },
                Err(error) => unproven(error, false),
            };
        }
        if self.depth() > 0 {
            return commit_counted(self, memory).await;
        }
        match send(self, block_sql(&commit_sql(&memory.restore))).await {
            Ok(()) => Answer::Committed { clean: true },
            Err(error) if number(&error) == Some(code::NO_SAVEPOINT) => {
                unproven(error, memory.opaque)
            }
            Err(error) => {
                // Wherever it stopped, by this savepoint nothing can be proven any more.
                memory.opaque = false;
                judge(error)
            }
        }
    }

    async fn rollback(&mut self, memory: &mut Memory, ended: bool) -> Result<Undone<Error>, Error> {
        if let Some(foreign) = &memory.foreign {
            match foreign {
                Foreign::Raw(name) => send(self, block_sql(&undo_sql(name))).await?,
                Foreign::Driver(_) => {
                    shared::undo_foreign::<MySqlTransactionManager>(self, foreign).await?;
                }
            }
            return Ok(Undone::RolledBack { clean: true });
        }
        let proof = match memory.opaque && !ended {
            true => send(self, format!("ROLLBACK TO SAVEPOINT {MARKER}")).await,
            false => Ok(()),
        };
        let clean = if self.depth() > 0 {
            shared::unwind::<MySqlTransactionManager>(self).await?;
            restored(self, memory).await?
        } else {
            send(self, format!("ROLLBACK{}", memory.restore)).await?;
            true
        };
        Ok(match proof {
            Err(error) if number(&error) == Some(code::NO_SAVEPOINT) => Undone::Gone { error },
            _ => Undone::RolledBack { clean },
        })
    }

    async fn control(&mut self, sql: String) -> Result<(), Error> {
        send(self, block_sql(&sql)).await
    }

    async fn alive(&mut self) -> Result<bool, Error> {
        match send(self, IS_IDLE).await {
            Ok(()) => Ok(false),
            Err(error) if number(&error) == Some(code::IN_TRANSACTION) => Ok(true),
            Err(error) => Err(error),
        }
    }

    async fn lend(&mut self, memory: &mut Memory, _: u32) -> Result<(), Error> {
        memory.opaque = true;
        if memory.foreign.is_none() && self.depth() == 0 {
            MySqlTransactionManager::begin(self, Some(safe("SAVEPOINT txk_l"))).await?;
        }
        Ok(())
    }
}

fn untouched(error: Error) -> NotBegun<Error> {
    NotBegun { error, clean: true }
}

async fn open(
    conn: &mut MySqlConnection,
    plan: &Plan,
    memory: &mut Memory,
) -> Result<(), NotBegun<Error>> {
    let sql = begin_sql(plan, &mut memory.restore);
    memory.opened = true;
    memory.opaque = plan.origin == Origin::Lent;
    let begun = if plan.origin == Origin::Leased {
        send(conn, sql).await
    } else {
        // Only what the driver counts can be rolled back from `Drop`, and a borrowed connection cannot be closed.
        MySqlTransactionManager::begin(conn, Some(safe(sql))).await
    };
    let Err(error) = begun else { return Ok(()) };
    if plan.origin == Origin::Leased || number(&error) == Some(code::IN_TRANSACTION) {
        return Err(NotBegun {
            error,
            clean: false,
        });
    }
    // The level that was set waits for the next transaction: this one takes it away.
    let undo = format!("ROLLBACK; START TRANSACTION; ROLLBACK{}", memory.restore);
    Err(NotBegun {
        error,
        clean: send(conn, undo).await.is_ok(),
    })
}

/// The driver counts no transaction, the server has one: someone else's, or our own whose BEGIN was cancelled.
async fn in_transaction(
    conn: &mut MySqlConnection,
    plan: &Plan,
    memory: &mut Memory,
) -> Result<Begun, NotBegun<Error>> {
    memory.opened = false;
    if send(conn, format!("RELEASE SAVEPOINT {MARKER}"))
        .await
        .is_ok()
    {
        send(conn, "ROLLBACK").await.map_err(|error| NotBegun {
            error,
            clean: false,
        })?;
        return open(conn, plan, memory).await.map(|()| Begun::Own);
    }
    let name = foreign_name();
    send(conn, format!("SAVEPOINT {name}"))
        .await
        .map_err(untouched)?;
    memory.foreign = Some(Foreign::Raw(name));
    Ok(Begun::Foreign)
}

async fn commit_counted(conn: &mut MySqlConnection, memory: &mut Memory) -> Answer<Error> {
    if let Err(error) = send(conn, format!("RELEASE SAVEPOINT {MARKER}")).await {
        return unproven(error, memory.opaque);
    }
    // Proven, and the proof used up.
    memory.opaque = false;
    match shared::commit_counted::<MySqlTransactionManager>(conn).await {
        Err(Uncommitted::NotSent(error)) => Answer::Refused {
            error,
            conflict: None,
        },
        Ok(()) => Answer::Committed {
            clean: restored(conn, memory).await.unwrap_or(false),
        },
        Err(Uncommitted::Answered(error)) => judge(error),
    }
}

async fn restored(conn: &mut MySqlConnection, memory: &mut Memory) -> Result<bool, Error> {
    match memory.restore.strip_prefix("; ") {
        Some(sql) => send(conn, sql.to_owned()).await.map(|()| true),
        None => Ok(true),
    }
}

/// The proof failed, COMMIT was not executed.
fn unproven(error: Error, opaque: bool) -> Answer<Error> {
    match number(&error) {
        Some(code::NO_SAVEPOINT) if opaque => Answer::Partly { error },
        // Nothing but the engine itself could have ended it: on a Galera node, a conflict with another one.
        Some(code::NO_SAVEPOINT) => Answer::Refused {
            error,
            conflict: Some(Conflict::Deadlock),
        },
        _ => Answer::Refused {
            conflict: MySqlConnection::classify(&error).conflict,
            error,
        },
    }
}

/// What an error in answer to COMMIT itself means.
fn judge(error: Error) -> Answer<Error> {
    match number(&error) {
        Some(number) if refuses_commit(number) => Answer::Refused {
            conflict: classify(number).conflict,
            error,
        },
        _ => Answer::Unknown { error },
    }
}
