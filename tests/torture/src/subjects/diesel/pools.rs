//! r2d2's pools of Diesel's connections; knows no engine.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::r2d2::{self, ConnectionManager, CustomizeConnection, PooledConnection};

use super::*;

pub type Pool = r2d2::Pool<ConnectionManager<Conn>>;
type Leased = PooledConnection<ConnectionManager<Conn>>;

#[derive(Debug)]
struct SetUp;

impl CustomizeConnection<Conn, r2d2::Error> for SetUp {
    fn on_acquire(&self, conn: &mut Conn) -> Result<(), r2d2::Error> {
        if SETUP.is_empty() {
            return Ok(());
        }
        conn.batch_execute(SETUP).map_err(r2d2::Error::QueryError)
    }
}

pub fn build(url: &str, size: u32) -> Pool {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    // By their settings alone are r2d2's pools told apart, and each trial has its own.
    let unlike = Duration::from_micros(NEXT.fetch_add(1, Ordering::Relaxed));
    r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        .connection_timeout(PATIENCE + unlike)
        .connection_customizer(Box::new(SetUp))
        .build_unchecked(ConnectionManager::new(url))
}

pub fn leased(pool: &Pool) -> Result<Leased, ::r2d2::Error> {
    pool.get()
}

pub fn size_of(pool: &Pool) -> u32 {
    pool.max_size()
}
