//! Opens a pool to any of SQLx's databases; knows no engine.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{Connection, Database, Pool};

use crate::database::{DatabaseError, Target};

/// How long the first connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A pool of up to `size` connections.
///
/// One connection is made first: a pool goes on knocking until it times out, and then no longer knows why.
pub(super) async fn pool<DB: Database>(
    target: &Target,
    options: <DB::Connection as Connection>::Options,
    size: u32,
) -> Result<Pool<DB>, DatabaseError> {
    let connecting = DB::Connection::connect_with(&options);
    let connection = tokio::time::timeout(PATIENCE, connecting)
        .await
        .map_err(|_| target.unreachable(format_args!("no answer within {PATIENCE:?}")))?
        .map_err(|error| target.unreachable(error))?;
    connection
        .close()
        .await
        .map_err(|error| target.unreachable(error))?;
    Ok(PoolOptions::new()
        .max_connections(size)
        .connect_lazy_with(options))
}
