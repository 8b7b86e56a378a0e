//! Opens an r2d2 pool to any of Diesel's databases; knows no engine.

use std::time::Duration;

use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error, Pool, R2D2Connection};
use tokio::sync::oneshot;

use crate::database::{DatabaseError, Target};

/// How long the first connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is sent first on each connection, if anything.
#[derive(Clone, Copy, Debug)]
struct Ready(&'static str);

impl<C: R2D2Connection> CustomizeConnection<C, Error> for Ready {
    fn on_acquire(&self, conn: &mut C) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        conn.batch_execute(self.0).map_err(Error::QueryError)
    }
}

/// A pool of up to `size` connections, on each of which `ready` is sent first.
///
/// One connection is made before: a pool goes on knocking until it times out, and then no longer knows why.
pub(super) async fn pool<C: R2D2Connection + 'static>(
    target: &Target,
    url: String,
    size: u32,
    ready: &'static str,
) -> Result<Pool<ConnectionManager<C>>, DatabaseError> {
    let manager = ConnectionManager::<C>::new(&*url);
    let (tell, told) = oneshot::channel();
    // a thread that nobody waits for in the end, unlike the runtime's: it may be stuck
    std::thread::spawn(move || {
        let connected = C::establish(&url).map_err(Error::ConnectionError);
        let _heard = tell.send(connected.and_then(|mut conn| Ready(ready).on_acquire(&mut conn)));
    });
    tokio::time::timeout(PATIENCE, told)
        .await
        .map_err(|_| target.unreachable(format_args!("no answer within {PATIENCE:?}")))?
        .map_err(|error| target.unreachable(error))?
        .map_err(|error| target.unreachable(error))?;
    Ok(Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        .connection_customizer(Box::new(Ready(ready)))
        .build_unchecked(manager))
}
