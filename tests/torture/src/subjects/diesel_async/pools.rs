//! bb8's pools of diesel-async's connections; knows no engine.

use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, bb8};
use futures_util::FutureExt as _;

use super::*;

pub type Pool = bb8::Pool<Conn>;
type Leased = bb8::PooledConnection<'static, Conn>;

pub fn build(url: &str, size: u32) -> Pool {
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(|url| {
        let url = url.to_owned();
        async move {
            let mut conn = Conn::establish(&url).await?;
            if !SETUP.is_empty() {
                let said = conn.batch_execute(SETUP).await;
                said.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            }
            Ok(conn)
        }
        .boxed()
    });
    bb8::Pool::builder()
        .max_size(size)
        .connection_timeout(PATIENCE)
        .build_unchecked(AsyncDieselConnectionManager::new_with_config(url, config))
}

pub async fn leased(pool: &Pool) -> Result<Leased, bb8::RunError> {
    pool.get_owned().await
}

pub fn size_of(pool: &Pool) -> u32 {
    pool.config().max_size
}
