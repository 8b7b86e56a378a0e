//! What connection a call sits on, chosen from its source and its propagation; talks to no database.

mod leased;

pub(crate) use self::leased::{Claim, Denied, Leased, Unready};
use crate::ambient::Suspended;
use crate::connection::{Connection, Origin};
use crate::definition::{Definition, Propagation};
use crate::engine::Kind;
use crate::error::Error;
use crate::source::Source;
use crate::state::{Footing, State, uncounted};
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
    Leased(Leased<C>),
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
    pub(crate) fn leave(&mut self, reusable: bool, memory: &mut C::Memory) {
        match self {
            _ if reusable => {}
            Self::Lease(lease) => C::spoil(lease),
            Self::Bare(conn) => conn.disable(memory),
        }
    }
}

impl<C: Connection> std::fmt::Debug for Loan<'_, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Loan")
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
    pub(crate) fn outer(&self) -> Option<&Suspended> {
        match &self.seat {
            Seat::Leased(leased) => leased.outer.as_ref(),
            Seat::Borrowed(_) | Seat::Inner(_) => None,
        }
    }
}

impl<'a, C: Connection> Ground<'a, C> {
    /// This transaction as one that others may be inside of, where they could take its pool's connections.
    pub(crate) fn suspended(&self) -> Option<Suspended> {
        match self {
            Self::Own(Own {
                state,
                seat: Seat::Leased(leased),
            }) => {
                // What it will have sent by then is not known; that it holds locks is likely.
                Some(Suspended {
                    worked: true,
                    ..state.suspended(leased.facts.identity)
                })
            }
            _ => None,
        }
    }

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
        outer: Option<Suspended>,
        definition: &'static Definition,
    ) -> (Self, Kind, Option<Error>) {
        let leased = Leased::<C>::new(pool, outer);
        let held = leased.outer.as_ref().map_or(0, |outer| outer.held) + 1;
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
        let in_test = loan.conn().in_test();
        let footing = match kind {
            Kind::Outside { .. } => Footing::Outside,
            _ if in_test => Footing::Logical,
            _ => Footing::Own,
        };
        let mut state = State::new(definition, None, footing, 1);
        if in_test {
            state.names = uncounted();
        }
        let refusal = refusal.filter(|_| !in_test);
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
                Some(pool) => {
                    let outer = tx.state.suspended(C::facts(&pool).identity);
                    Self::leased(pool, Some(outer), definition)
                }
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
