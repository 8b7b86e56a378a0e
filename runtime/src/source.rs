//! Where a transaction comes from: a pool, a connection, an open handle; knows no driver and begins nothing.

use std::fmt;
use std::sync::Arc;

use crate::connection::Connection;
use crate::tx::{Access, Allows, Tx, Unbound};

/// Where a function's transaction comes from.
pub enum Source<'a, C: Connection> {
    /// A pool: a connection is leased for as long as the transaction lasts.
    Pool(C::Pool),
    /// A connection of the caller's.
    Conn(&'a mut C),
    /// A connection that the caller leased from a pool.
    OnLoan(&'a mut C::Lease),
    /// A connection of the caller's that the body gets as it is, unseen by us.
    Lent(&'a mut C),
    /// A transaction that is open already.
    Open(Tx<'a, C, Unbound>),
}

impl<C: Connection> fmt::Debug for Source<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pool(_) => "Pool",
            Self::Conn(_) | Self::OnLoan(_) | Self::Lent(_) => "Connection",
            Self::Open(_) => "Transaction",
        })
    }
}

/// A pool of connections that transactions can be begun on.
#[diagnostic::on_unimplemented(
    message = "a transaction cannot be begun from `&{Self}`",
    label = "pass `&pool`, `&mut connection`, or `&mut tx` of an open transaction",
    note = "a connection and an open transaction are passed by `&mut`; a driver's own transaction as its connection, `&mut *transaction`",
    note = "pools are SQLx's, Diesel's r2d2 pools, and diesel-async's in bb8 and deadpool; is the driver's feature switched on?"
)]
pub trait Pool: Send + Sync {
    /// What it lends.
    type Conn: Connection;
    /// A pool the transaction can keep.
    fn shared(&self) -> <Self::Conn as Connection>::Pool;
}

#[diagnostic::do_not_recommend]
impl<T: Pool> Pool for Arc<T> {
    type Conn = T::Conn;

    fn shared(&self) -> <T::Conn as Connection>::Pool {
        T::shared(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Pool> Pool for &T {
    type Conn = T::Conn;

    fn shared(&self) -> <T::Conn as Connection>::Pool {
        T::shared(self)
    }
}

/// The function takes a pool, a connection or an open transaction.
#[derive(Debug)]
pub enum Anywhere {}

/// The function takes a pool or a connection: it must not run inside a transaction (`never`).
#[derive(Debug)]
pub enum Outside {}

/// The function takes a pool: its transaction must be the outermost (`durable`).
#[derive(Debug)]
pub enum Outermost {}

/// Whether a function may be given an open transaction.
#[diagnostic::on_unimplemented(
    message = "this function must not be called inside a transaction",
    label = "what is passed here is, or may be, an open transaction",
    note = "it is declared `durable` or `propagation = never`: pass the pool, after the surrounding transaction has ended"
)]
pub trait TakesOpen {}
#[diagnostic::do_not_recommend]
impl TakesOpen for Anywhere {}

/// Whether a function may be given a bare connection.
#[diagnostic::on_unimplemented(
    message = "this function must be the outermost transaction",
    label = "a connection was passed, which may be in a transaction",
    note = "it is declared `durable`: pass the pool"
)]
pub trait TakesConnection {}
#[diagnostic::do_not_recommend]
impl TakesConnection for Anywhere {}
#[diagnostic::do_not_recommend]
impl TakesConnection for Outside {}

/// A handle that a function can declare.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no transaction handle",
    label = "expected `Tx<'_, C>`, `ReadTx<'_, C>` or `Session<'_, C>`",
    note = "the first parameter is the handle: a `Tx` by value to begin or join, `&mut Tx` to join, `&mut PgConnection` (or another driver's connection) as a drop-in"
)]
pub trait Handle {
    /// Where it comes from.
    type Source;
    /// The connection under it.
    type Conn;
}

impl<'a, C: Connection, A> Handle for Tx<'a, C, A> {
    type Source = Source<'a, C>;
    type Conn = C;
}

/// The source of a declared handle.
pub type SourceOf<H> = <H as Handle>::Source;

/// What a handle of type `H` can be begun from.
///
/// `&Pool`, `&mut Connection` and `&mut tx` of an open transaction; `P` is what the function accepts of these.
#[diagnostic::on_unimplemented(
    message = "`{H}` cannot be begun from `{Self}`",
    label = "pass `&pool`, `&mut connection`, or `&mut tx` of an open transaction",
    note = "all of them belong to the same driver and engine as the handle; a driver's own transaction is passed as its connection, `&mut *transaction`",
    note = "a function that is `durable` takes pools only; one that writes (`Tx`) cannot join a handle that reads (`ReadTx`)"
)]
pub trait Begin<H: Handle, P = Anywhere>: Send {
    /// The source this stands for.
    fn source(self) -> H::Source;
}

impl<'a, C, A, B, P> Begin<Tx<'a, C, B>, P> for &'a mut Tx<'_, C, A>
where
    C: Connection,
    A: Access + Allows<B>,
    P: TakesOpen,
{
    fn source(self) -> Source<'a, C> {
        Source::Open(self.reborrow())
    }
}

impl<'a, C, B, P> Begin<Tx<'a, C, B>, P> for &'a mut C
where
    C: Connection,
    P: TakesConnection,
{
    fn source(self) -> Source<'a, C> {
        Source::Conn(self)
    }
}

impl<'a, C, T, B, P> Begin<Tx<'a, C, B>, P> for &T
where
    C: Connection,
    T: Pool<Conn: Is<C>> + ?Sized,
{
    fn source(self) -> Source<'a, C> {
        Source::Pool(<T::Conn as Is<C>>::pool(self.shared()))
    }
}

/// Whether a pool's connection is the handle's.
#[diagnostic::on_unimplemented(
    message = "the pool lends `{Self}`, and the function's handle is on `{C}`",
    label = "a pool of another driver or engine",
    note = "pass a pool of the handle's own driver and engine: SQLx's for `txkit::sqlx`, r2d2's for `txkit::diesel`, bb8's or deadpool's for `txkit::diesel_async`"
)]
pub trait Is<C: Connection>: Connection {
    /// Its pool.
    fn pool(pool: Self::Pool) -> C::Pool;
}

#[diagnostic::do_not_recommend]
impl<C: Connection> Is<C> for C {
    fn pool(pool: C::Pool) -> C::Pool {
        pool
    }
}

/// A first parameter declared by reference: `&mut Tx<'_, C>`, or the driver's own `&mut C`.
#[diagnostic::on_unimplemented(
    message = "`&mut {Self}` is no transaction handle",
    label = "expected `&mut Tx<'_, C>` or a driver's connection",
    note = "the first parameter is the handle: a `Tx` by value to begin or join, `&mut Tx` to join, `&mut PgConnection` (or another driver's connection) as a drop-in; a function without one takes its pool with `on = EXPR`"
)]
pub trait ByRef {
    /// The connection.
    type Conn: Connection;
    /// What the body is given, as long as the scope is borrowed.
    type Held<'x>
    where
        Self::Conn: 'x;
    /// Whether the body gets the driver's connection itself.
    const LENT: bool;

    /// The source this parameter stands for.
    fn source(this: &mut Self) -> Source<'_, Self::Conn>;
    /// Binds the body's handle.
    fn hold(tx: Tx<'_, Self::Conn, Unbound>) -> Self::Held<'_>;
}

/// A handle for a body that declared `&mut Tx`.
#[derive(Debug)]
pub struct HeldTx<'x, C: Connection, A>(Tx<'x, C, A>);

impl<'x, C: Connection, A> HeldTx<'x, C, A> {
    /// The handle.
    pub fn get(&mut self) -> &mut Tx<'x, C, A> {
        &mut self.0
    }
}

/// A connection for a body that declared `&mut C`.
#[derive(Debug)]
pub struct HeldConn<'x, C>(&'x mut C);

impl<C> HeldConn<'_, C> {
    /// The connection.
    pub fn get(&mut self) -> &mut C {
        self.0
    }
}

impl<C: Connection, A: Access> ByRef for Tx<'_, C, A> {
    type Conn = C;
    type Held<'x>
        = HeldTx<'x, C, A>
    where
        C: 'x;
    const LENT: bool = false;

    fn source(this: &mut Self) -> Source<'_, C> {
        Source::Open(this.reborrow())
    }

    fn hold(tx: Tx<'_, C, Unbound>) -> HeldTx<'_, C, A> {
        HeldTx(Tx::new(tx.conn, tx.state))
    }
}

#[diagnostic::do_not_recommend]
impl<C: Connection> ByRef for C {
    type Conn = C;
    type Held<'x> = HeldConn<'x, C>;
    const LENT: bool = true;

    fn source(this: &mut Self) -> Source<'_, C> {
        Source::Lent(this)
    }

    fn hold(tx: Tx<'_, C, Unbound>) -> HeldConn<'_, C> {
        HeldConn(tx.conn)
    }
}
