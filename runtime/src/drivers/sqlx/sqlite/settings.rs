//! SQLite's settings that are a connection's, not a transaction's: set at BEGIN, given back at its end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx_core::Error;
use sqlx_core::executor::Executor;
use sqlx_core::raw_sql::raw_sql;
use sqlx_core::row::Row;
use sqlx_sqlite::SqliteConnection;

use super::super::super::engines::sqlite::busy_timeout;
use super::super::shared::{safe, send};
use super::Memory;
use crate::connection::Plan;

/// Applies the settings that are the connection's, not the transaction's, and remembers what they were.
pub(super) async fn configure(
    conn: &mut SqliteConnection,
    plan: &Plan,
    memory: &mut Memory,
) -> Result<(), Error> {
    if plan.read_only {
        swap(conn, memory, "query_only", 1).await?;
    }
    if let Some(time) = plan.lock_timeout {
        swap(conn, memory, "busy_timeout", busy_timeout(time)).await?;
        memory.patience = Some(time);
    }
    if let Some(time) = plan.statement_timeout {
        let watchdog = Watchdog::new(time);
        memory.watchdog = Some(watchdog.clone());
        conn.lock_handle()
            .await?
            .set_progress_handler(OPERATIONS, move || watchdog.allows());
    }
    Ok(())
}

async fn swap(
    conn: &mut SqliteConnection,
    memory: &mut Memory,
    pragma: &str,
    value: i64,
) -> Result<(), Error> {
    let before: i64 = conn
        .fetch_one(raw_sql(safe(format!("PRAGMA {pragma}"))))
        .await?
        .try_get(0)?;
    memory.restore.push(format!("PRAGMA {pragma} = {before}"));
    send(conn, format!("PRAGMA {pragma} = {value}")).await
}

/// Gives the connection its settings back; `false` if that failed.
pub(super) async fn restore(conn: &mut SqliteConnection, memory: &mut Memory) -> bool {
    if memory.watchdog.is_some() {
        match conn.lock_handle().await {
            Ok(mut handle) => handle.remove_progress_handler(),
            Err(_) => return false,
        }
        memory.watchdog = None;
    }
    while let Some(sql) = memory.restore.last() {
        if send(conn, sql.clone()).await.is_err() {
            return false;
        }
        memory.restore.pop();
    }
    true
}

/// How many of its virtual machine's instructions SQLite runs between two looks at the time.
const OPERATIONS: i32 = 1_000;

/// Interrupts a statement that takes longer than it may.
#[derive(Clone, Debug)]
pub(super) struct Watchdog {
    time: Duration,
    until: Arc<Mutex<Option<Instant>>>,
}

impl Watchdog {
    fn new(time: Duration) -> Self {
        Self {
            time,
            until: Arc::default(),
        }
    }

    pub(super) fn start(&self) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) =
            Instant::now().checked_add(self.time);
    }

    /// Lets every statement pass from now on.
    pub(super) fn retire(&self) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn allows(&self) -> bool {
        self.until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_none_or(|until| Instant::now() < until)
    }
}
