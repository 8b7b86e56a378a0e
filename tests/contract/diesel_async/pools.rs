//! bb8's pools of diesel-async's connections; knows no engine.

use diesel::connection::InstrumentationEvent;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, bb8,
};
use futures_util::FutureExt as _;

use super::*;

pub type Pool = bb8::Pool<Conn>;
pub type Leased = bb8::PooledConnection<'static, Conn>;

/// How each connection of a pool is made.
pub fn manager(url: String, knobs: Knobs) -> AsyncDieselConnectionManager<Conn> {
    let mut config = ManagerConfig::default();
    // A look at an idle connection would be a round trip of its own.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |url| open(url.to_owned(), knobs.clone()).boxed());
    AsyncDieselConnectionManager::new_with_config(url, config)
}

/// A pool of at most `size` connections.
pub fn build(url: String, size: u32, knobs: Knobs) -> Pool {
    bb8::Pool::builder()
        .max_size(size)
        .connection_timeout(knobs.patience)
        .build_unchecked(manager(url, knobs))
}

/// A connection without a pool.
pub async fn open(url: String, knobs: Knobs) -> diesel::ConnectionResult<Conn> {
    let mut conn = Conn::establish(&url).await?;
    let said = [SETUP, &knobs.says].join("");
    if !said.is_empty() {
        let said = conn.batch_execute(&said).await;
        said.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    }
    if let Some(log) = knobs.log {
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                log.add(query);
            }
        });
    }
    Ok(conn)
}

/// A connection of a pool's, or the driver's error.
pub async fn leased(pool: &Pool) -> Result<Leased, bb8::RunError> {
    pool.get_owned().await
}

/// How many connections the pool may have.
pub fn size_of(pool: &Pool) -> u32 {
    pool.config().max_size
}

/// Whether none of its connections is lent.
pub fn are_all_back(pool: &Pool) -> bool {
    let state = pool.state();
    state.connections == state.idle_connections
}
