//! bb8's and deadpool's pools of diesel-async's connections; knows no engine.
//!
//! What the pools ask of a connection is long and met by each connection type for itself: hence a macro, and no generic code.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::connection::PoolFacts;

/// How long a pool's user waits where the pool sets no limit.
pub(super) const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Facts of a pool that shows its address in its `Debug` form only.
#[cfg_attr(not(feature = "bb8"), expect(dead_code, reason = "bb8's alone"))]
pub(super) fn facts(address: &str, max: u32, patience: Duration) -> PoolFacts {
    let mut identity = DefaultHasher::new();
    // An address may be used again: by a pool with other settings it is not mistaken.
    (address, max, patience).hash(&mut identity);
    PoolFacts {
        identity: identity.finish() as usize,
        max,
        patience,
    }
}

/// Writes a connection type's pools and leases.
macro_rules! pools {
    ($connection:ty) => {
        /// A pool, of one of two kinds.
        #[derive(Clone)]
        pub enum Pool {
            /// bb8's.
            #[cfg(feature = "bb8")]
            Bb8(diesel_async::pooled_connection::bb8::Pool<$connection>),
            /// deadpool's.
            #[cfg(feature = "deadpool")]
            Deadpool(diesel_async::pooled_connection::deadpool::Pool<$connection>),
        }

        impl Pool {
            fn facts(&self) -> $crate::connection::PoolFacts {
                match *self {
                    #[cfg(feature = "bb8")]
                    Self::Bb8(ref pool) => {
                        let config = pool.config();
                        let address = format!("{pool:?}");
                        super::pool::facts(&address, config.max_size, config.connection_timeout)
                    }
                    #[cfg(feature = "deadpool")]
                    Self::Deadpool(ref pool) => $crate::connection::PoolFacts {
                        // All clones of a pool share their manager.
                        identity: std::ptr::from_ref(pool.manager()).addr(),
                        max: u32::try_from(pool.status().max_size).unwrap_or(u32::MAX),
                        patience: pool.timeouts().wait.unwrap_or(super::pool::PATIENCE),
                    },
                }
            }

            /// How often it was asked for a connection.
            fn age(&self) -> u64 {
                match *self {
                    #[cfg(feature = "bb8")]
                    Self::Bb8(ref pool) => pool.state().statistics.get_started,
                    #[cfg(feature = "deadpool")]
                    Self::Deadpool(_) => 0,
                }
            }

            fn lives(&self) -> $crate::gate::Lives {
                match *self {
                    #[cfg(feature = "bb8")]
                    Self::Bb8(_) => Box::new(|| true),
                    #[cfg(feature = "deadpool")]
                    Self::Deadpool(ref pool) => {
                        let weak = pool.weak();
                        Box::new(move || weak.upgrade().is_some())
                    }
                }
            }

            async fn lease(self) -> diesel::QueryResult<Lease> {
                match self {
                    #[cfg(feature = "bb8")]
                    Self::Bb8(pool) => {
                        let lease = pool.get_owned().await;
                        lease
                            .map(Lease::Bb8)
                            .map_err($crate::drivers::diesel_core::unsendable)
                    }
                    #[cfg(feature = "deadpool")]
                    Self::Deadpool(pool) => {
                        let lease = pool.get().await;
                        lease
                            .map(Lease::Deadpool)
                            .map_err($crate::drivers::diesel_core::unsendable)
                    }
                }
            }
        }

        impl std::fmt::Debug for Pool {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("Pool")
            }
        }

        /// A connection on loan, from one of two kinds of pools.
        pub enum Lease {
            /// bb8's.
            #[cfg(feature = "bb8")]
            Bb8(diesel_async::pooled_connection::bb8::PooledConnection<'static, $connection>),
            /// deadpool's.
            #[cfg(feature = "deadpool")]
            Deadpool(diesel_async::pooled_connection::deadpool::Object<$connection>),
        }

        impl std::fmt::Debug for Lease {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("Lease")
            }
        }

        impl Lease {
            /// Closes it now. deadpool would look at it when it is asked for the next time, and until then it might hold
            /// locks; bb8 looks at what comes back, and finds it broken.
            fn close(self) {
                match self {
                    #[cfg(feature = "bb8")]
                    Self::Bb8(lease) => drop(lease),
                    #[cfg(feature = "deadpool")]
                    Self::Deadpool(lease) => drop(
                        diesel_async::pooled_connection::deadpool::Object::take(lease),
                    ),
                }
            }
        }

        impl std::ops::Deref for Lease {
            type Target = $connection;

            fn deref(&self) -> &$connection {
                match *self {
                    #[cfg(feature = "bb8")]
                    Self::Bb8(ref lease) => lease,
                    #[cfg(feature = "deadpool")]
                    Self::Deadpool(ref lease) => lease,
                }
            }
        }

        impl std::ops::DerefMut for Lease {
            fn deref_mut(&mut self) -> &mut $connection {
                match *self {
                    #[cfg(feature = "bb8")]
                    Self::Bb8(ref mut lease) => lease,
                    #[cfg(feature = "deadpool")]
                    Self::Deadpool(ref mut lease) => lease,
                }
            }
        }

        #[cfg(feature = "bb8")]
        #[diagnostic::do_not_recommend]
        impl $crate::source::Pool for diesel_async::pooled_connection::bb8::Pool<$connection> {
            type Conn = $connection;

            fn shared(&self) -> Pool {
                Pool::Bb8(self.clone())
            }
        }

        #[cfg(feature = "deadpool")]
        #[diagnostic::do_not_recommend]
        impl $crate::source::Pool for diesel_async::pooled_connection::deadpool::Pool<$connection> {
            type Conn = $connection;

            fn shared(&self) -> Pool {
                Pool::Deadpool(self.clone())
            }
        }

        /// A connection that was leased by hand. It cannot be closed in place of going back: its pool finds it broken.
        #[cfg(feature = "bb8")]
        #[diagnostic::do_not_recommend]
        impl<'a, B, P: $crate::source::TakesConnection>
            $crate::source::Begin<$crate::tx::Tx<'a, $connection, B>, P>
            for &'a mut diesel_async::pooled_connection::bb8::PooledConnection<'_, $connection>
        {
            fn source(self) -> $crate::source::Source<'a, $connection> {
                $crate::source::Source::Conn(self)
            }
        }

        /// The same, from deadpool.
        #[cfg(feature = "deadpool")]
        #[diagnostic::do_not_recommend]
        impl<'a, B, P: $crate::source::TakesConnection>
            $crate::source::Begin<$crate::tx::Tx<'a, $connection, B>, P>
            for &'a mut diesel_async::pooled_connection::deadpool::Object<$connection>
        {
            fn source(self) -> $crate::source::Source<'a, $connection> {
                $crate::source::Source::Conn(self)
            }
        }
    };
}

pub(super) use pools;
