//! r2d2's pools of Diesel's connections; knows no engine.
//!
//! An r2d2 pool shows nothing by which two handles of it could be told from handles of two pools. What its users may wait
//! for is therefore reckoned by connection type and settings, and nobody is refused a connection that the pool has to spare.

use std::any::TypeId;
use std::hash::{DefaultHasher, Hash, Hasher};

use diesel::r2d2::{ConnectionManager, Pool, PooledConnection, R2D2Connection};
use diesel::result::Error;

use super::super::diesel_core::unsendable;
use crate::connection::{Connection, PoolFacts};
use crate::source::{Begin, Source, TakesConnection};
use crate::tx::Tx;

pub(super) type R2d2<C> = Pool<ConnectionManager<C>>;
pub(super) type Lease<C> = PooledConnection<ConnectionManager<C>>;

pub(super) fn facts<C: R2D2Connection + Send + 'static>(pool: &R2d2<C>) -> PoolFacts {
    let mut settings = DefaultHasher::new();
    (
        TypeId::of::<C>(),
        pool.max_size(),
        pool.min_idle(),
        pool.connection_timeout(),
        pool.idle_timeout(),
        pool.max_lifetime(),
        pool.test_on_check_out(),
    )
        .hash(&mut settings);
    PoolFacts {
        identity: settings.finish() as usize,
        max: pool.max_size(),
        patience: pool.connection_timeout(),
    }
}

/// How many connections the pool could lend at once.
pub(super) fn spare<C: R2D2Connection + Send + 'static>(pool: &R2d2<C>) -> u32 {
    let state = pool.state();
    let lent = state.connections.saturating_sub(state.idle_connections);
    pool.max_size().saturating_sub(lent)
}

pub(super) fn lease<C: R2D2Connection + Send + 'static>(pool: &R2d2<C>) -> Result<Lease<C>, Error> {
    pool.get().map_err(unsendable)
}

#[diagnostic::do_not_recommend]
impl<C> crate::source::Pool for R2d2<C>
where
    C: R2D2Connection + Connection<Pool = Self>,
{
    type Conn = C;

    fn shared(&self) -> Self {
        self.clone()
    }
}

/// A connection that was leased by hand.
#[diagnostic::do_not_recommend]
impl<'a, C, B, P> Begin<Tx<'a, C, B>, P> for &'a mut Lease<C>
where
    C: R2D2Connection + Connection<Lease = Lease<C>>,
    P: TakesConnection,
{
    fn source(self) -> Source<'a, C> {
        Source::OnLoan(self)
    }
}
