//! r2d2's pools of Diesel's connections; knows no engine.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::InstrumentationEvent;
use diesel::r2d2::{self, ConnectionManager, CustomizeConnection};

use super::*;

pub type Pool = r2d2::Pool<ConnectionManager<Conn>>;
pub type Leased = r2d2::PooledConnection<ConnectionManager<Conn>>;

impl CustomizeConnection<Conn, r2d2::Error> for Knobs {
    fn on_acquire(&self, conn: &mut Conn) -> Result<(), r2d2::Error> {
        set_up(conn, self).map_err(r2d2::Error::QueryError)
    }
}

/// A pool of at most `size` connections.
pub fn build(url: String, size: u32, knobs: Knobs) -> Pool {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    // By their settings alone are r2d2's pools told apart, and each test has its own.
    let unlike = Duration::from_micros(NEXT.fetch_add(1, Ordering::Relaxed));
    r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        // A look at an idle connection would be a round trip of its own.
        .test_on_check_out(false)
        .connection_timeout(knobs.patience + unlike)
        .connection_customizer(Box::new(knobs))
        .build_unchecked(ConnectionManager::new(url))
}

/// A connection without a pool.
pub fn open(url: String, knobs: Knobs) -> diesel::ConnectionResult<Conn> {
    let mut conn = Conn::establish(&url)?;
    set_up(&mut conn, &knobs).map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

fn set_up(conn: &mut Conn, knobs: &Knobs) -> diesel::QueryResult<()> {
    let said = [SETUP, &knobs.says].join("");
    if !said.is_empty() {
        conn.batch_execute(&said)?;
    }
    if let Some(log) = knobs.log.clone() {
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                log.add(query);
            }
        });
    }
    Ok(())
}

/// A connection of a pool's, or what kept it.
pub fn leased(pool: &Pool) -> Result<Leased, r2d2::PoolError> {
    pool.get()
}

/// How many connections the pool may have.
pub fn size_of(pool: &Pool) -> u32 {
    pool.max_size()
}

/// Whether none of its connections is lent.
pub fn are_all_back(pool: &Pool) -> bool {
    let state = pool.state();
    state.connections == state.idle_connections
}
