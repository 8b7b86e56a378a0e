//! What connection a call sits on, chosen from its source and its propagation; talks to no database.

use std::sync::Arc;

use crate::conflict::Conflict;
use crate::connection::{Connection, Origin, PoolFacts};
use crate::definition::{Definition, Propagation};
use crate::engine::Kind;
use crate::error::Error;
use crate::gate::{self, Gate, Place, Waiting, Writer};
use crate::source::Source;
use crate::state::{Footing, State};
use crate::tx::{Tx, Unbound};

/// What a call's body works on.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a box would cost every transaction an allocation"
)]
pub(crate) enum Ground<'a, C: Connection> {
    /// A connection and a state for itself.
    Own(Own<'a, C>),
    /// An open transaction.
    Open(Tx<'a, C, Unbound>),
}

/// A transaction's state and the connection under it.
#[derive(Debug)]
pub(crate) struct Own<'a, C: Connection> {
    pub(crate) state: State<C>,
    pub(crate) seat: Seat<'a, C>,
}

/// A connection and its owner.
#[derive(Debug)]
pub(crate) enum Seat<'a, C: Connection> {
    /// The pool's.
    Leased(Leased<'a, C>),
    /// The caller's.
    Borrowed(Loan<'a, C>),
    /// That of a test's transaction.
    Inner(Tx<'a, C, Unbound>),
}

/// A caller's connection.
pub(crate) enum Loan<'a, C: Connection> {
    /// A bare one: nothing but using it can be done with it.
    Bare(&'a mut C),
    /// One from a pool, which can be closed in place of going back.
    Lease(&'a mut C::Lease),
}

impl<C: Connection> Loan<'_, C> {
    fn conn(&mut self) -> &mut C {
        match self {
            Self::Bare(conn) => conn,
            Self::Lease(lease) => lease,
        }
    }

    /// Leaves the connection to its holder.
    pub(crate) fn leave(&mut self, reusable: bool) {
        match self {
            Self::Lease(lease) if !reusable => C::spoil(lease),
            _ => {}
        }
    }
}

impl<C: Connection> std::fmt::Debug for Loan<'_, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Loan")
    }
}

/// A pool's connection, with what keeps the pool's users from starving each other.
pub(crate) struct Leased<'a, C: Connection> {
    pub(crate) pool: C::Pool,
    pub(crate) facts: PoolFacts,
    pub(crate) gate: Arc<Gate>,
    pub(crate) lease: Option<C::Lease>,
    /// The transaction that is suspended meanwhile.
    pub(crate) outer: Option<Tx<'a, C, Unbound>>,
    place: Option<Place>,
    writer: Option<Writer>,
}

impl<C: Connection> std::fmt::Debug for Leased<'_, C> {
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

/// A connection that may not be asked for.
pub(crate) struct Denied {
    pub(crate) error: Error,
    pub(crate) conflict: Option<Conflict>,
}

impl<'a, C: Connection> Leased<'a, C> {
    fn new(pool: C::Pool, outer: Option<Tx<'a, C, Unbound>>) -> Self {
        let facts = C::facts(&pool);
        let gate = gate::gate(facts.identity, facts.max, || {
            (C::one_writer(&pool), C::lives(&pool))
        });
        Self {
            pool,
            facts,
            gate,
            lease: None,
            outer,
            place: None,
            writer: None,
        }
    }

    /// Refuses what would wait for ever.
    pub(crate) fn claim(&mut self, definition: &'static Definition) -> Result<Claim, Denied> {
        if !definition.read_only && matches!(own_kind(definition, true), Kind::Own { .. }) {
            self.claim_writing(definition)?;
        }
        match &self.outer {
            None => Ok(Claim::Outermost),
            Some(outer) => self
                .gate
                .another(outer.state.held)
                .map(Claim::Another)
                .map_err(|starved| Denied {
                    error: Error::Starved {
                        function: definition.name,
                        outer: outer.state.definition.name,
                        max: starved.max,
                    },
                    conflict: None,
                }),
        }
    }

    fn claim_writing(&mut self, definition: &'static Definition) -> Result<(), Denied> {
        match &self.outer {
            Some(outer) if C::ENGINE.one_writer && !outer.state.definition.read_only => {
                let outer = outer.state.definition.name;
                let error = Error::SelfDeadlock {
                    function: definition.name,
                    outer,
                    source: None,
                };
                return Err(Denied {
                    error,
                    conflict: None,
                });
            }
            _ => {}
        }
        if self.gate.has_one_writer() {
            self.writer = Some(self.gate.writer().ok_or_else(|| Denied {
                error: Error::Begin {
                    function: definition.name,
                    attempts: 1,
                    conflict: Some(Conflict::Busy),
                    source: "another transaction is writing to this shared-cache database".into(),
                },
                conflict: Some(Conflict::Busy),
            })?);
        }
        Ok(())
    }

    /// Keeps a connection, and the place it was had by.
    pub(crate) fn keep(&mut self, lease: C::Lease, place: Option<Place>) {
        self.lease = Some(lease);
        self.place = place;
    }

    /// Gives the connection back, or closes it.
    pub(crate) fn leave(&mut self, reusable: bool) {
        match self.lease.take() {
            Some(lease) if reusable => drop(lease),
            Some(lease) => C::discard(lease),
            None => {}
        }
        self.place = None;
        self.writer = None;
    }
}

impl<'a, C: Connection> Own<'a, C> {
    /// Where the connection came from.
    pub(crate) fn origin(&self, lent: bool) -> Origin {
        match &self.seat {
            Seat::Leased(_) => Origin::Leased,
            _ if lent => Origin::Lent,
            _ => Origin::Borrowed,
        }
    }

    /// The transaction suspended for this one.
    pub(crate) fn outer(&self) -> Option<&Tx<'a, C, Unbound>> {
        match &self.seat {
            Seat::Leased(leased) => leased.outer.as_ref(),
            Seat::Borrowed(_) | Seat::Inner(_) => None,
        }
    }
}

impl<'a, C: Connection> Ground<'a, C> {
    /// The connection and the state that the body works with.
    pub(crate) fn parts(&mut self) -> Option<(&mut C, &mut State<C>)> {
        match self {
            Self::Open(tx) => Some((tx.conn, tx.state)),
            Self::Own(own) => {
                let Own { state, seat } = own;
                match seat {
                    Seat::Leased(leased) => leased.lease.as_deref_mut().map(|conn| (conn, state)),
                    Seat::Borrowed(loan) => Some((loan.conn(), state)),
                    Seat::Inner(tx) => Some((tx.conn, state)),
                }
            }
        }
    }

    /// The state that the body works with.
    pub(crate) fn state(&self) -> &State<C> {
        match self {
            Self::Open(tx) => tx.state,
            Self::Own(own) => &own.state,
        }
    }

    /// The state that the body works with.
    pub(crate) fn state_mut(&mut self) -> &mut State<C> {
        match self {
            Self::Open(tx) => tx.state,
            Self::Own(own) => &mut own.state,
        }
    }

    /// Where a function runs, and why it must not, if it must not.
    pub(crate) fn of(
        source: Source<'a, C>,
        definition: &'static Definition,
    ) -> (Self, Kind, Option<Error>) {
        match source {
            Source::Pool(pool) => Self::leased(pool, None, definition),
            Source::Conn(conn) | Source::Lent(conn) => Self::borrowed(Loan::Bare(conn), definition),
            Source::OnLoan(lease) => Self::borrowed(Loan::Lease(lease), definition),
            Source::Open(tx) => Self::opened(tx, definition),
        }
    }

    fn leased(
        pool: C::Pool,
        outer: Option<Tx<'a, C, Unbound>>,
        definition: &'static Definition,
    ) -> (Self, Kind, Option<Error>) {
        let held = outer.as_ref().map_or(0, |outer| outer.state.held) + 1;
        let leased = Leased::new(pool, outer);
        let test = leased.gate.is_test();
        let footing = match own_kind(definition, true) {
            _ if test => Footing::Logical,
            Kind::Outside { .. } => Footing::Outside,
            _ => Footing::Own,
        };
        let kind = match own_kind(definition, true) {
            Kind::Own { leased, .. } if test => Kind::Own {
                leased,
                retry: false,
            },
            kind => kind,
        };
        let state = State::new(definition, Some(leased.pool.clone()), footing, held);
        (Self::own(state, Seat::Leased(leased)), kind, None)
    }

    fn borrowed(
        mut loan: Loan<'a, C>,
        definition: &'static Definition,
    ) -> (Self, Kind, Option<Error>) {
        let kind = own_kind(definition, false);
        let nested = loan.conn().depth() > 0;
        let function = definition.name;
        let refusal = match definition.propagation {
            Propagation::Never | Propagation::NotSupported if nested => {
                Some(Error::InTransaction { function })
            }
            Propagation::RequiresNew if nested => Some(Error::NoPool { function }),
            _ => None,
        };
        let footing = if matches!(kind, Kind::Outside { .. }) {
            Footing::Outside
        } else {
            Footing::Own
        };
        let state = State::new(definition, None, footing, 1);
        (Self::own(state, Seat::Borrowed(loan)), kind, refusal)
    }

    fn opened(
        tx: Tx<'a, C, Unbound>,
        definition: &'static Definition,
    ) -> (Self, Kind, Option<Error>) {
        let function = definition.name;
        let in_test = matches!(tx.state.footing, Footing::TestRoot | Footing::Logical);
        match definition.propagation {
            Propagation::Never => (
                Self::Open(tx),
                Kind::Joined,
                Some(Error::InTransaction { function }),
            ),
            Propagation::RequiresNew if in_test => Self::inner(tx, definition),
            Propagation::NotSupported if in_test => (Self::Open(tx), Kind::Joined, None),
            Propagation::RequiresNew | Propagation::NotSupported => match tx.state.pool.clone() {
                Some(pool) => Self::leased(pool, Some(tx), definition),
                None => (
                    Self::Open(tx),
                    Kind::Joined,
                    Some(Error::NoPool { function }),
                ),
            },
            Propagation::Supports => (Self::Open(tx), Kind::Joined, None),
            _ if tx.state.footing == Footing::TestRoot => Self::inner(tx, definition),
            Propagation::Nested => {
                let refusal = weaker(&tx, definition);
                (Self::Open(tx), Kind::Nested, refusal)
            }
            Propagation::Required | Propagation::Mandatory => {
                let refusal = weaker(&tx, definition);
                (Self::Open(tx), Kind::Joined, refusal)
            }
        }
    }

    /// A transaction as production code sees it, inside a test's.
    fn inner(
        tx: Tx<'a, C, Unbound>,
        definition: &'static Definition,
    ) -> (Self, Kind, Option<Error>) {
        let mut state = State::new(
            definition,
            tx.state.pool.clone(),
            Footing::Logical,
            tx.state.held,
        );
        state.names = tx.state.names;
        state.attempt.count_from(tx.state.attempt.counted());
        (
            Self::own(state, Seat::Inner(tx)),
            Kind::Own {
                leased: false,
                retry: false,
            },
            None,
        )
    }

    fn own(state: State<C>, seat: Seat<'a, C>) -> Self {
        Self::Own(Own { state, seat })
    }
}

const fn own_kind(definition: &Definition, leased: bool) -> Kind {
    match definition.propagation {
        Propagation::Supports | Propagation::NotSupported | Propagation::Never => {
            Kind::Outside { leased }
        }
        _ => Kind::Own {
            leased,
            retry: definition.retry.is_some(),
        },
    }
}

/// R6: a stricter isolation than the joined transaction certainly has is an error.
fn weaker<C: Connection>(
    tx: &Tx<'_, C, Unbound>,
    definition: &'static Definition,
) -> Option<Error> {
    let wanted = definition.isolation?;
    let in_test = matches!(tx.state.footing, Footing::TestRoot | Footing::Logical);
    (!in_test && tx.state.known_isolation() < Some(wanted)).then(|| Error::WeakerIsolation {
        function: definition.name,
        outer: tx.state.definition.name,
        wanted,
        actual: tx.state.isolation,
    })
}
