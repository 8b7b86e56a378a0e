//! SQLite through SQLx: BEGIN, the verified COMMIT, ROLLBACK, and what its result codes mean.
//!
//! SQLite itself knows at COMMIT whether a transaction is open; only a lent connection needs proof that it is ours.

mod settings;

use std::error::Error as StdError;
use std::time::Duration;

use sqlx_core::Error;
use sqlx_core::connection::Connection as _;
use sqlx_core::error::DatabaseError as _;
use sqlx_core::pool::{Pool, PoolConnection};
use sqlx_core::transaction::TransactionManager;
use sqlx_sqlite::{Sqlite, SqliteConnection, SqliteError, SqliteTransactionManager};

use self::settings::{Watchdog, configure, restore};
use super::super::engines::sqlite::{self, ENGINE, PATIENCE, PAUSE, failure};
use super::super::engines::{MARKER, foreign_name, undo_sql};
use super::executor::executor;
use super::shared::{self, Foreign, Uncommitted, safe, send};
use crate::clock;
use crate::conflict::Failure;
use crate::connection::{
    Answer, AsyncConnection, Begun, Connection, Engine, NotBegun, Origin, Plan, PoolFacts,
    StatementTimeout, Undone,
};
use crate::gate::Lives;
use crate::hooks::Async;

executor!(Sqlite, SqliteConnection);

/// What the adapter remembers of an open transaction.
#[derive(Debug, Default)]
pub struct Memory {
    /// BEGIN was sent.
    opened: bool,
    /// Restores the settings that BEGIN changed.
    restore: Vec<String>,
    /// How long COMMIT may wait for readers.
    patience: Option<Duration>,
    /// Ends statements that take too long.
    watchdog: Option<Watchdog>,
    /// The depth at which the savepoint was made that proves, at COMMIT, that a lent transaction is still ours.
    marker: Option<u32>,
    lent: bool,
    foreign: Option<Foreign>,
}

#[diagnostic::do_not_recommend]
impl Connection for SqliteConnection {
    type Mode = Async;
    type Pool = Pool<Sqlite>;
    type Lease = PoolConnection<Sqlite>;
    type Error = Error;
    type Memory = Memory;

    const ENGINE: Engine = ENGINE;

    fn facts(pool: &Self::Pool) -> PoolFacts {
        shared::facts(pool)
    }

    fn lives(pool: &Self::Pool) -> Lives {
        shared::lives(pool)
    }

    fn one_writer(pool: &Self::Pool) -> bool {
        // Readable in no other way: the options have no getter, and their URL is a panic for databases in memory.
        format!("{:?}", pool.connect_options()).contains("shared_cache: true")
    }

    fn depth(&mut self) -> usize {
        SqliteTransactionManager::get_transaction_depth(self)
    }

    fn classify(error: &Error) -> Failure {
        code(error).map_or_else(|| shared::outside_database(error), classify)
    }

    fn classify_dyn(error: &(dyn StdError + 'static)) -> Option<Failure> {
        let error: &SqliteError = shared::find_database_error(error)?;
        Some(classify(error.code()?.parse().ok()?))
    }

    fn starts(memory: &mut Memory) {
        if let Some(watchdog) = &memory.watchdog {
            watchdog.start();
        }
    }

    fn unnested(memory: &mut Memory, depth: u32) {
        memory.marker = memory.marker.filter(|made_at| *made_at < depth);
    }

    fn abandon(&mut self, memory: &mut Memory, _: Origin, _: bool) -> bool {
        match &memory.foreign {
            Some(Foreign::Raw(name)) => {
                shared::poll_once(send(self, undo_sql(name)));
            }
            Some(Foreign::Driver(level)) => {
                shared::abandon_foreign::<SqliteTransactionManager>(self, *level);
            }
            None if !memory.opened => {}
            None => {
                // At least one: a COMMIT that was dropped after it was done leaves the worker waiting to ignore one.
                for _ in 0..self.depth().max(1) {
                    SqliteTransactionManager::start_rollback(self);
                }
            }
        }
        // The worker takes commands in their order. Only the watchdog's removal needs an answer.
        for sql in memory.restore.drain(..).rev() {
            shared::poll_once(send(self, sql));
        }
        if let Some(watchdog) = memory.watchdog.take() {
            watchdog.retire();
            return false;
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

const PRIMARY: u32 = 0xff;
const BUSY: u32 = 5;
const LOCKED_SHARED_CACHE: u32 = 262;

fn classify(extended: u32) -> Failure {
    failure(extended == LOCKED_SHARED_CACHE || extended & PRIMARY == BUSY)
}

fn code(error: &Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse().ok()
}

fn is_busy(error: &Error) -> bool {
    code(error).is_some_and(|code| code & PRIMARY == BUSY)
}

#[diagnostic::do_not_recommend]
impl StatementTimeout for SqliteConnection {}

#[diagnostic::do_not_recommend]
impl AsyncConnection for SqliteConnection {
    async fn lease(pool: &Self::Pool) -> Result<Self::Lease, Error> {
        pool.acquire().await
    }

    async fn begin(&mut self, plan: &Plan, memory: &mut Memory) -> Result<Begun, NotBegun<Error>> {
        if self.depth() > 0 {
            let foreign = shared::nest::<SqliteTransactionManager>(self).await;
            memory.foreign = Some(foreign.map_err(untouched)?);
            return Ok(Begun::Foreign);
        }
        let begun = match configure(self, plan, memory).await {
            Ok(()) => open(self, plan, memory).await,
            Err(error) => Err(error),
        };
        match begun {
            Ok(begun) => Ok(begun),
            Err(error) => Err(NotBegun {
                error,
                clean: restore(self, memory).await,
            }),
        }
    }

    async fn commit(&mut self, memory: &mut Memory) -> Answer<Error> {
        if let Err(error) = catch_up(self, memory).await {
            return refused(error);
        }
        if let Some(foreign) = &memory.foreign {
            return match shared::release_foreign::<SqliteTransactionManager>(self, foreign).await {
                Ok(()) => Answer::Committed { clean: true },
                Err(error) => refused(error),
            };
        }
        if memory.marker.take().is_some()
            && let Err(error) = send(self, format!("RELEASE SAVEPOINT {MARKER}")).await
        {
            return Answer::Partly { error };
        }
        match commit_patiently(self, memory.patience.unwrap_or(PATIENCE)).await {
            Ok(()) => Answer::Committed {
                clean: restore(self, memory).await,
            },
            Err(Uncommitted::NotSent(error)) => refused(error),
            Err(Uncommitted::Answered(error)) if code(&error).is_none() => {
                Answer::Unknown { error }
            }
            // Whatever SQLite answers but Ok, it has not committed.
            Err(Uncommitted::Answered(error))
                if memory.lent && !is_alive(self).await.unwrap_or(false) =>
            {
                Answer::Partly { error }
            }
            Err(Uncommitted::Answered(error)) => refused(error),
        }
    }

    async fn rollback(&mut self, memory: &mut Memory, ended: bool) -> Result<Undone<Error>, Error> {
        catch_up(self, memory).await?;
        if let Some(foreign) = &memory.foreign {
            shared::undo_foreign::<SqliteTransactionManager>(self, foreign).await?;
            return Ok(Undone::RolledBack { clean: true });
        }
        let proof = match memory.marker {
            Some(_) if !ended => send(self, format!("ROLLBACK TO SAVEPOINT {MARKER}")).await,
            _ => Ok(()),
        };
        let unwound = shared::unwind::<SqliteTransactionManager>(self).await;
        // Where nothing is open SQLite refuses to roll back, and that is as good.
        if self.depth() > 0 || unwound.is_err() && is_alive(self).await? {
            unwound?;
        }
        let clean = restore(self, memory).await;
        Ok(match proof {
            Err(error) => Undone::Gone { error },
            Ok(()) => Undone::RolledBack { clean },
        })
    }

    async fn control(&mut self, sql: String) -> Result<(), Error> {
        send(self, sql).await
    }

    async fn alive(&mut self) -> Result<bool, Error> {
        is_alive(self).await
    }

    async fn lend(&mut self, memory: &mut Memory, depth: u32) -> Result<(), Error> {
        memory.lent = true;
        if memory.foreign.is_none() && memory.marker.is_none() {
            send(self, format!("SAVEPOINT {MARKER}")).await?;
            memory.marker = Some(depth);
        }
        Ok(())
    }
}

/// SQLx rolls back what was cancelled in its worker's own time, and counts then: its count holds once the worker has
/// answered something later.
async fn catch_up(conn: &mut SqliteConnection, memory: &Memory) -> Result<(), Error> {
    match memory.lent || memory.foreign.is_some() {
        true => conn.ping().await,
        false => Ok(()),
    }
}

fn untouched(error: Error) -> NotBegun<Error> {
    NotBegun { error, clean: true }
}

fn refused(error: Error) -> Answer<Error> {
    Answer::Refused {
        conflict: SqliteConnection::classify(&error).conflict,
        error,
    }
}

/// BEGIN is refused inside a transaction; outside it opens one, which is closed again.
async fn is_alive(conn: &mut SqliteConnection) -> Result<bool, Error> {
    match send(conn, "BEGIN").await {
        Ok(()) => send(conn, "ROLLBACK").await.map(|()| false),
        Err(error) if is_nested_begin(&error) => Ok(true),
        Err(error) => Err(error),
    }
}

fn is_nested_begin(error: &Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| sqlite::is_nested_begin(error.message()))
}

async fn open(
    conn: &mut SqliteConnection,
    plan: &Plan,
    memory: &mut Memory,
) -> Result<Begun, Error> {
    let begin = if plan.read_only {
        "BEGIN"
    } else {
        "BEGIN IMMEDIATE"
    };
    memory.opened = true;
    match SqliteTransactionManager::begin(conn, Some(safe(begin))).await {
        Ok(()) => {
            if plan.origin == Origin::Lent {
                memory.lent = true;
                memory.marker = Some(0);
                send(conn, format!("SAVEPOINT {MARKER}")).await?;
            }
            Ok(Begun::Own)
        }
        Err(error) if is_nested_begin(&error) && plan.origin != Origin::Leased => {
            memory.opened = false;
            // They are not ours to change while someone else's transaction is open.
            restore(conn, memory).await;
            let name = foreign_name();
            send(conn, format!("SAVEPOINT {name}")).await?;
            memory.foreign = Some(Foreign::Raw(name));
            Ok(Begun::Foreign)
        }
        Err(error) => Err(error),
    }
}

/// COMMIT needs the readers out of the way, and leaves the transaction open if they are not.
async fn commit_patiently(
    conn: &mut SqliteConnection,
    patience: Duration,
) -> Result<(), Uncommitted> {
    let until = clock::now().checked_add(patience);
    let is_late = || until.is_some_and(|until| clock::now() >= until);
    loop {
        match shared::commit_counted::<SqliteTransactionManager>(conn).await {
            Err(Uncommitted::Answered(error)) if is_busy(&error) && !is_late() => {
                clock::sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}
