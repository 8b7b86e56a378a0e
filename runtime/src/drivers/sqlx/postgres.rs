//! PostgreSQL through SQLx: BEGIN, the verified COMMIT, ROLLBACK, and what its SQLSTATEs mean.
//!
//! A transaction on a leased connection is begun behind the driver's back, so that BEGIN and COMMIT are one message each;
//! once the connection is lent, the driver counts it as well, so that a helper's own `begin` nests.

use std::error::Error as StdError;
use std::fmt::Write as _;

use sqlx_core::Error;
use sqlx_core::executor::Executor;
use sqlx_core::pool::{Pool, PoolConnection};
use sqlx_core::raw_sql::raw_sql;
use sqlx_core::row::Row;
use sqlx_core::transaction::TransactionManager;
use sqlx_postgres::{PgConnection, PgDatabaseError, PgSeverity, PgTransactionManager, Postgres};

use super::super::engines::postgres::{self, ENGINE, IS_OPEN, begin_sql};
use super::super::engines::{MARKER, foreign_name, undo_sql};
use super::executor::executor;
use super::shared::{self, Foreign, Uncommitted, safe, send};
use crate::conflict::{Damage, Failure};
use crate::connection::{
    Answer, AsyncConnection, Begun, Connection, Deferrable, Engine, NotBegun, Origin, Plan,
    PoolFacts, StatementTimeout, Undone,
};
use crate::gate::Lives;
use crate::hooks::Async;

executor!(Postgres, PgConnection);

/// What the adapter remembers of an open transaction.
#[derive(Debug, Default)]
pub struct Memory {
    /// BEGIN was sent.
    opened: bool,
    /// The depth at which the savepoint was made that proves, at COMMIT, that a lent transaction is still ours.
    marker: Option<u32>,
    foreign: Option<Foreign>,
}

#[diagnostic::do_not_recommend]
impl Connection for PgConnection {
    type Mode = Async;
    type Pool = Pool<Postgres>;
    type Lease = PoolConnection<Postgres>;
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
        PgTransactionManager::get_transaction_depth(self)
    }

    fn classify(error: &Error) -> Failure {
        database_error(error).map_or_else(|| shared::outside_database(error), classify)
    }

    fn classify_dyn(error: &(dyn StdError + 'static)) -> Option<Failure> {
        shared::find_database_error(error).map(classify)
    }

    fn unnested(memory: &mut Memory, depth: u32) {
        memory.marker = memory.marker.filter(|made_at| *made_at < depth);
    }

    fn abandon(&mut self, memory: &mut Memory, _: Origin, _: bool) -> bool {
        let undo = match &memory.foreign {
            Some(Foreign::Driver(level)) => {
                shared::abandon_foreign::<PgTransactionManager>(self, *level);
                return true;
            }
            Some(Foreign::Raw(name)) => undo_sql(name),
            None if !memory.opened => return true,
            None => "ROLLBACK".to_owned(),
        };
        if self.depth() > 0 {
            shared::queue_rollbacks::<PgTransactionManager>(self, 0);
        } else {
            // `begin` queues whatever it is given before it first waits.
            shared::poll_once(PgTransactionManager::begin(self, Some(safe(undo))));
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

#[diagnostic::do_not_recommend]
impl Deferrable for PgConnection {}

fn database_error(error: &Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

fn classify(error: &PgDatabaseError) -> Failure {
    if is_fatal(error) {
        return Failure::of(Damage::Lost);
    }
    postgres::classify(error.code())
}

fn is_fatal(error: &PgDatabaseError) -> bool {
    matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)
}

#[diagnostic::do_not_recommend]
impl StatementTimeout for PgConnection {}

#[diagnostic::do_not_recommend]
impl AsyncConnection for PgConnection {
    async fn lease(pool: &Self::Pool) -> Result<Self::Lease, Error> {
        pool.acquire().await
    }

    async fn begin(&mut self, plan: &Plan, memory: &mut Memory) -> Result<Begun, NotBegun<Error>> {
        if plan.origin != Origin::Leased && nest(self, memory).await.map_err(untouched)? {
            return Ok(Begun::Foreign);
        }
        let mut sql = begin_sql(plan, self.server_version_num());
        memory.opened = true;
        let begun = if plan.origin == Origin::Lent {
            memory.marker = Some(0);
            let _ = write!(sql, "; SAVEPOINT {MARKER}");
            PgTransactionManager::begin(self, Some(safe(sql))).await
        } else {
            send(self, sql).await
        };
        match begun {
            Ok(()) => Ok(Begun::Own),
            // BEGIN may have succeeded, and one of the settings after it failed.
            Err(error) => Err(NotBegun {
                error,
                clean: send(self, "ROLLBACK").await.is_ok(),
            }),
        }
    }

    async fn commit(&mut self, memory: &mut Memory) -> Answer<Error> {
        if let Some(foreign) = &memory.foreign {
            return match shared::release_foreign::<PgTransactionManager>(self, foreign).await {
                Ok(()) => Answer::Committed { clean: true },
                Err(error) => refused(error),
            };
        }
        if self.depth() == 0 && memory.marker.is_none() {
            // One message: COMMIT is not reached unless a transaction is open and sound.
            let answer = send(self, format!("SAVEPOINT {MARKER}; COMMIT")).await;
            return answer.map_or_else(judge, |()| Answer::Committed { clean: true });
        }
        let proof = if memory.marker.is_some() {
            "RELEASE SAVEPOINT"
        } else {
            "SAVEPOINT"
        };
        if let Err(error) = send(self, format!("{proof} {MARKER}")).await {
            // COMMIT was not sent.
            return if is_gone(&error) {
                Answer::Partly { error }
            } else {
                refused(error)
            };
        }
        // Proven, and used up.
        memory.marker = None;
        match shared::commit_counted::<PgTransactionManager>(self).await {
            Ok(()) => Answer::Committed { clean: true },
            Err(Uncommitted::NotSent(error)) => refused(error),
            Err(Uncommitted::Answered(error)) => judge(error),
        }
    }

    async fn rollback(&mut self, memory: &mut Memory, _: bool) -> Result<Undone<Error>, Error> {
        let undone = Undone::RolledBack { clean: true };
        if let Some(foreign) = &memory.foreign {
            shared::undo_foreign::<PgTransactionManager>(self, foreign).await?;
            return Ok(undone);
        }
        // PostgreSQL never ends a transaction by itself: if the marker is gone, the borrower ended it.
        let proof = match memory.marker {
            Some(_) => send(self, format!("ROLLBACK TO SAVEPOINT {MARKER}")).await,
            None => Ok(()),
        };
        shared::unwind::<PgTransactionManager>(self).await?;
        Ok(match proof {
            Err(error) if is_gone(&error) => Undone::Gone { error },
            _ => undone,
        })
    }

    async fn control(&mut self, sql: String) -> Result<(), Error> {
        send(self, sql).await
    }

    async fn alive(&mut self) -> Result<bool, Error> {
        match is_open(self).await {
            // Refused in an aborted transaction, which therefore is there.
            Err(error) if database_error(&error).is_some_and(|it| !is_fatal(it)) => Ok(true),
            answer => answer,
        }
    }

    async fn lend(&mut self, memory: &mut Memory, depth: u32) -> Result<(), Error> {
        if memory.foreign.is_some() || memory.marker.is_some() {
            return Ok(());
        }
        let marker = format!("SAVEPOINT {MARKER}");
        if self.depth() > 0 {
            send(self, marker).await?;
        } else {
            PgTransactionManager::begin(self, Some(safe(marker))).await?;
        }
        memory.marker = Some(depth);
        Ok(())
    }
}

fn untouched(error: Error) -> NotBegun<Error> {
    NotBegun { error, clean: true }
}

/// Whether a transaction is open on the connection, whoever began it.
async fn is_open(conn: &mut PgConnection) -> Result<bool, Error> {
    conn.fetch_one(raw_sql(IS_OPEN)).await?.try_get(0)
}

/// Makes a savepoint, if someone else's transaction is open on the connection.
async fn nest(conn: &mut PgConnection, memory: &mut Memory) -> Result<bool, Error> {
    if conn.depth() > 0 {
        memory.foreign = Some(shared::nest::<PgTransactionManager>(conn).await?);
        return Ok(true);
    }
    if !is_open(conn).await? {
        return Ok(false);
    }
    let name = foreign_name();
    send(conn, format!("SAVEPOINT {name}")).await?;
    memory.foreign = Some(Foreign::Raw(name));
    Ok(true)
}

fn refused(error: Error) -> Answer<Error> {
    Answer::Refused {
        conflict: PgConnection::classify(&error).conflict,
        error,
    }
}

/// No transaction, or not the one with our savepoint.
fn is_gone(error: &Error) -> bool {
    database_error(error).is_some_and(|error| matches!(error.code(), "25P01" | "3B001"))
}

/// What an error in answer to a message with COMMIT in it means.
fn judge(error: Error) -> Answer<Error> {
    let Some(database) = database_error(&error) else {
        return Answer::Unknown { error };
    };
    match (database.code(), is_fatal(database)) {
        ("25P01" | "3B001", _) => Answer::Partly { error },
        // `idle_in_transaction_session_timeout` had struck before COMMIT arrived.
        ("25P03", _) => refused(error),
        ("40003", _) | (_, true) => Answer::Unknown { error },
        _ => refused(error),
    }
}
