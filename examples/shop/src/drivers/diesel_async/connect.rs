//! Opens a bb8 pool to any of diesel-async's databases; knows no engine.

use std::time::Duration;

use bb8::ManageConnection;
use diesel::ConnectionResult;
use diesel_async::AsyncConnection;
use diesel_async::pooled_connection::bb8::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};

use crate::database::{DatabaseError, Target};

/// How long the first connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A pool of up to `size` connections, on each of which `ready` is sent first.
///
/// One connection is made before: a pool goes on knocking until it times out, and then no longer knows why.
pub(super) async fn pool<C>(
    target: &Target,
    url: String,
    size: u32,
    ready: &'static str,
) -> Result<Pool<C>, DatabaseError>
where
    C: AsyncConnection + 'static,
    AsyncDieselConnectionManager<C>: ManageConnection,
{
    tokio::time::timeout(PATIENCE, connect::<C>(url.clone(), ready))
        .await
        .map_err(|_| target.unreachable(format_args!("no answer within {PATIENCE:?}")))?
        .map_err(|error| target.unreachable(error))?;
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(move |url| Box::pin(connect(url.to_owned(), ready)));
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    Ok(Pool::builder().max_size(size).build_unchecked(manager))
}

async fn connect<C: AsyncConnection>(url: String, ready: &str) -> ConnectionResult<C> {
    let mut conn = C::establish(&url).await?;
    if !ready.is_empty() {
        let sent = conn.batch_execute(ready).await;
        sent.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    }
    Ok(conn)
}
