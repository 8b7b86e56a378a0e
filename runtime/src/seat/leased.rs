//! A pool's connection, and when it must not be waited for; talks to no database.

use std::sync::Arc;

use super::own_kind;
use crate::ambient::{self, Suspended};
use crate::conflict::Conflict;
use crate::connection::{Connection, PoolFacts};
use crate::definition::Definition;
use crate::engine::Kind;
use crate::error::Error;
use crate::gate::{self, Gate, Place, Waiting, Writer};

/// A pool's connection, with what keeps the pool's users from starving each other.
pub(crate) struct Leased<C: Connection> {
    pub(crate) pool: C::Pool,
    pub(crate) facts: PoolFacts,
    pub(crate) gate: Arc<Gate>,
    pub(crate) lease: Option<C::Lease>,
    /// The transaction that is suspended meanwhile.
    pub(crate) outer: Option<Suspended>,
    /// Whether the suspended transaction is certainly of this pool.
    is_sure: bool,
    place: Option<Place>,
    /// A session setting was changed for good: the connection is not given back.
    limited: bool,
    writer: Option<Writer>,
}

impl<C: Connection> std::fmt::Debug for Leased<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leased")
            .field("held", &self.lease.is_some())
            .finish_non_exhaustive()
    }
}

/// How a connection may be asked for.
pub(crate) enum Claim {
    /// As soon as there is a place.
    Outermost,
    /// At once, as one who holds others meanwhile.
    /// The wait ends when this is dropped.
    Another(#[expect(dead_code, reason = "held, not read")] Waiting),
}

/// A connection that is being set up: whoever fails to, or is dropped meanwhile, has it closed.
pub(crate) struct Unready<C: Connection>(pub(crate) Option<C::Lease>);

impl<C: Connection> Drop for Unready<C> {
    fn drop(&mut self) {
        if let Some(lease) = &mut self.0 {
            C::spoil(lease);
        }
    }
}

/// A connection that may not be asked for.
pub(crate) struct Denied {
    pub(crate) error: Error,
    pub(crate) conflict: Option<Conflict>,
}

impl<C: Connection> Leased<C> {
    /// Inside of `outer`, if that is told; else inside of what is open around the code that runs.
    pub(super) fn new(pool: C::Pool, outer: Option<Suspended>) -> Self {
        let facts = C::facts(&pool);
        let is_sure = outer.is_some() || C::spare(&pool).is_none();
        let outer = outer.or_else(|| ambient::innermost(facts.identity));
        let gate = gate::gate(
            facts.identity,
            facts.max,
            || C::age(&pool),
            || (C::one_writer(&pool), C::lives(&pool)),
        );
        Self {
            pool,
            facts,
            gate,
            lease: None,
            outer,
            is_sure,
            place: None,
            limited: false,
            writer: None,
        }
    }

    /// Refuses what would wait for ever.
    pub(crate) fn claim(&mut self, definition: &'static Definition) -> Result<Claim, Denied> {
        let writes =
            !definition.read_only && matches!(own_kind(definition, true), Kind::Own { .. });
        // On a shared cache even a reader waits for the writer's locks, and SQLite sets no limit to that.
        if writes || self.gate.has_one_writer() {
            self.refuse_beside_writer(definition)?;
        }
        if writes && self.gate.has_one_writer() {
            self.claim_writing(definition)?;
        }
        match &self.outer {
            None => Ok(Claim::Outermost),
            Some(outer) => {
                let waiting = self.gate.another(outer.held, || C::spare(&self.pool));
                waiting.map(Claim::Another).map_err(|starved| Denied {
                    error: Error::Starved {
                        function: definition.name,
                        outer: outer.function.name,
                        max: starved.max,
                    },
                    conflict: None,
                })
            }
        }
    }

    fn refuse_beside_writer(&self, definition: &'static Definition) -> Result<(), Denied> {
        let writer = self
            .outer
            .filter(|outer| self.is_sure && C::ENGINE.one_writer && !outer.function.read_only);
        match writer {
            None => Ok(()),
            Some(outer) => Err(Denied {
                error: Error::SelfDeadlock {
                    function: definition.name,
                    outer: outer.function.name,
                    source: None,
                },
                conflict: None,
            }),
        }
    }

    fn claim_writing(&mut self, definition: &'static Definition) -> Result<(), Denied> {
        self.writer = Some(self.gate.writer().ok_or_else(|| Denied {
            error: Error::Begin {
                function: definition.name,
                attempts: 1,
                conflict: Some(Conflict::Busy),
                source: "another transaction is writing to this shared-cache database".into(),
            },
            conflict: Some(Conflict::Busy),
        })?);
        Ok(())
    }

    /// What a function outside of a transaction must say first, because its suspended caller may hold a lock that it asks
    /// for: there is no BEGIN to say it. The connection is closed afterwards.
    pub(crate) fn limit_locks(&mut self, definition: &Definition) -> Option<&'static str> {
        let outside = matches!(own_kind(definition, true), Kind::Outside { .. });
        let sql = C::ENGINE
            .limit_locks
            .filter(|_| outside && self.outer.is_some())?;
        self.limited = true;
        Some(sql)
    }

    /// Keeps a connection, and the place it was had by.
    pub(crate) fn keep(&mut self, lease: C::Lease, mut place: Option<Place>) {
        if let Some(place) = &mut place {
            place.arrived();
        }
        self.lease = Some(lease);
        self.place = place;
    }

    /// Whether a test's transaction is open on the connection, which never commits.
    pub(crate) fn in_test(&mut self) -> bool {
        self.lease.as_mut().is_some_and(|lease| lease.in_test())
    }

    /// Gives the connection back, or closes it.
    pub(crate) fn leave(&mut self, reusable: bool, memory: &mut C::Memory) {
        if let Some(mut lease) = self.lease.take() {
            // A helper may have left the driver's count wrong, and the next borrower's `begin` a savepoint.
            let reusable = reusable
                && !self.limited
                && (lease.depth() == 0 || self.gate.is_test() || lease.in_test());
            match reusable {
                true => drop(lease),
                false => C::discard(lease, memory),
            }
        }
        self.place = None;
        self.writer = None;
    }
}
