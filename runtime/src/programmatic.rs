//! The engine without macros: a closure in a transaction, and a guard; decides nothing the attributes would not.

use crate::call::{Call, Caught, Entered, Flow, Verdict};
use crate::connection::{AsyncConnection, BlockingConnection};
use crate::definition::Definition;
use crate::error::Error;
use crate::outcome::evidence;
use crate::source::{Anywhere, Begin, Source};
use crate::tx::{Tx, Write};

/// Runs a closure in a transaction, as `#[transactional]` runs a function.
///
/// `from` is what an annotated function takes: `&pool`, `&mut connection`, or `&mut tx` of an open transaction. Options
/// come from a [`Definition`], see [`Definition::run`].
///
/// # Errors
///
/// The closure's own error, or an [`Error`] converted into it.
pub async fn transaction<'a, C, F, T, E>(
    from: impl Begin<Tx<'a, C, Write>, Anywhere>,
    body: F,
) -> Result<T, E>
where
    C: AsyncConnection,
    F: AsyncFnOnce(&mut Tx<'_, C>) -> Result<T, E> + Clone,
    E: From<Error>,
{
    static PLAIN: Definition = Definition::new("transaction", file!(), line!());
    PLAIN.run(from, body).await
}

/// Runs a closure in a transaction, as `#[transactional]` runs a function that is not `async`; see [`transaction`].
///
/// Options come from a [`Definition`], see [`Definition::run_blocking`].
///
/// # Errors
///
/// The closure's own error, or an [`Error`] converted into it.
pub fn transaction_blocking<'a, C, F, T, E>(
    from: impl Begin<Tx<'a, C, Write>, Anywhere>,
    body: F,
) -> Result<T, E>
where
    C: BlockingConnection,
    F: FnOnce(&mut Tx<'_, C>) -> Result<T, E> + Clone,
    E: From<Error>,
{
    static PLAIN: Definition = Definition::new("transaction_blocking", file!(), line!());
    PLAIN.run_blocking(from, body)
}

impl Definition {
    /// Runs a closure in a transaction with these options.
    ///
    /// Each attempt runs a clone of the closure.
    ///
    /// # Errors
    ///
    /// The closure's own error, or an [`Error`] converted into it.
    pub async fn run<'a, C, F, T, E>(
        &'static self,
        from: impl Begin<Tx<'a, C, Write>, Anywhere>,
        body: F,
    ) -> Result<T, E>
    where
        C: AsyncConnection,
        F: AsyncFnOnce(&mut Tx<'_, C>) -> Result<T, E> + Clone,
        E: From<Error>,
    {
        self.run_on(from.source(), body).await
    }

    async fn run_on<C, F, T, E>(&'static self, source: Source<'_, C>, body: F) -> Result<T, E>
    where
        C: AsyncConnection,
        F: AsyncFnOnce(&mut Tx<'_, C>) -> Result<T, E> + Clone,
        E: From<Error>,
    {
        let mut call = Call::new(source, self);
        loop {
            let mut entered = match call.enter().await {
                Ok(entered) => entered,
                Err(error) => return evidence::<Result<T, E>>().fail(error),
            };
            let guard = entered.guard();
            let mut tx: Tx<'_, C> = entered.handle();
            let attempt = body.clone();
            let caught = guard.run(async move { attempt(&mut tx).await }).await;
            match call.finish(caught, Verdict::default(), evidence()).await {
                Flow::Return(result) => return result,
                Flow::Replay => {}
            }
        }
    }
}

impl Definition {
    /// Runs a closure that is not `async` in a transaction with these options.
    ///
    /// Each attempt runs a clone of the closure. A `timeout` is looked at before each statement, and when the closure has
    /// returned: a statement that runs is not interrupted by it, but by `statement_timeout`.
    ///
    /// # Errors
    ///
    /// The closure's own error, or an [`Error`] converted into it.
    pub fn run_blocking<'a, C, F, T, E>(
        &'static self,
        from: impl Begin<Tx<'a, C, Write>, Anywhere>,
        body: F,
    ) -> Result<T, E>
    where
        C: BlockingConnection,
        F: FnOnce(&mut Tx<'_, C>) -> Result<T, E> + Clone,
        E: From<Error>,
    {
        self.run_blocking_on(from.source(), body)
    }

    fn run_blocking_on<C, F, T, E>(&'static self, source: Source<'_, C>, body: F) -> Result<T, E>
    where
        C: BlockingConnection,
        F: FnOnce(&mut Tx<'_, C>) -> Result<T, E> + Clone,
        E: From<Error>,
    {
        let mut call = Call::new(source, self);
        loop {
            let mut entered = match call.enter_blocking() {
                Ok(entered) => entered,
                Err(error) => return evidence::<Result<T, E>>().fail(error),
            };
            let guard = entered.guard();
            let mut tx: Tx<'_, C> = entered.handle();
            let attempt = body.clone();
            let caught = guard.run_blocking(move || attempt(&mut tx));
            match call.finish_blocking(caught, Verdict::default(), evidence()) {
                Flow::Return(result) => return result,
                Flow::Replay => {}
            }
        }
    }
}

/// Begins a transaction that the caller ends, for code that cannot be a function or a closure.
///
/// # Errors
///
/// Whatever keeps it from beginning.
pub async fn begin<'a, C>(
    from: impl Begin<Tx<'a, C, Write>, Anywhere>,
) -> Result<Open<'a, C>, Error>
where
    C: AsyncConnection,
{
    static GUARD: Definition = Definition::new("begin", file!(), line!());
    let mut call = Call::new(from.source(), &GUARD);
    call.enter().await?;
    Ok(Open { call })
}

/// An open transaction, rolled back when dropped.
#[derive(Debug)]
#[must_use = "dropping it rolls the transaction back"]
pub struct Open<'a, C: AsyncConnection> {
    call: Call<'a, C>,
}

impl<C: AsyncConnection> Open<'_, C> {
    /// The handle to work with.
    pub fn tx(&mut self) -> Tx<'_, C> {
        #[expect(
            clippy::expect_used,
            reason = "a call holds its connection until it is finished, which consumes it"
        )]
        self.call
            .entered()
            .map(Entered::handle)
            .expect("an open transaction has a connection")
    }

    /// Commits (or, where it joined a transaction, leaves it to its owner).
    ///
    /// # Errors
    ///
    /// `Ok` means committed; see [`Error`] for what else there is.
    pub async fn commit(mut self) -> Result<(), Error> {
        self.call
            .finish_once(Caught::Returned(Ok(())), Verdict::default(), evidence())
            .await
    }

    /// Rolls back (or, where it joined a transaction, marks it rollback-only).
    ///
    /// # Errors
    ///
    /// None: a rollback that fails closes the connection, and is reported.
    pub async fn rollback(mut self) -> Result<(), Error> {
        let (body, verdict) = by_hand();
        // The error is ours, and says that what was asked for has happened.
        let _expected = self.call.finish_once(body, verdict, evidence()).await;
        Ok(())
    }
}

/// Begins a transaction that the caller ends, for blocking code that cannot be a function or a closure; see [`begin`].
///
/// # Errors
///
/// Whatever keeps it from beginning.
pub fn begin_blocking<'a, C>(
    from: impl Begin<Tx<'a, C, Write>, Anywhere>,
) -> Result<OpenBlocking<'a, C>, Error>
where
    C: BlockingConnection,
{
    static GUARD: Definition = Definition::new("begin_blocking", file!(), line!());
    let mut call = Call::new(from.source(), &GUARD);
    call.enter_blocking()?;
    Ok(OpenBlocking { call })
}

/// An open transaction of blocking code, rolled back when dropped.
#[derive(Debug)]
#[must_use = "dropping it rolls the transaction back"]
pub struct OpenBlocking<'a, C: BlockingConnection> {
    call: Call<'a, C>,
}

impl<C: BlockingConnection> OpenBlocking<'_, C> {
    /// The handle to work with.
    pub fn tx(&mut self) -> Tx<'_, C> {
        #[expect(
            clippy::expect_used,
            reason = "a call holds its connection until it is finished, which consumes it"
        )]
        self.call
            .entered()
            .map(Entered::handle)
            .expect("an open transaction has a connection")
    }

    /// Commits (or, where it joined a transaction, leaves it to its owner).
    ///
    /// # Errors
    ///
    /// `Ok` means committed; see [`Error`] for what else there is.
    pub fn commit(mut self) -> Result<(), Error> {
        let body = Caught::Returned(Ok(()));
        self.call
            .finish_once_blocking(body, Verdict::default(), evidence())
    }

    /// Rolls back (or, where it joined a transaction, marks it rollback-only).
    ///
    /// # Errors
    ///
    /// None: a rollback that fails closes the connection, and is reported.
    pub fn rollback(mut self) -> Result<(), Error> {
        let (body, verdict) = by_hand();
        // The error is ours, and says that what was asked for has happened.
        let _expected = self.call.finish_once_blocking(body, verdict, evidence());
        Ok(())
    }
}

/// What stands for the body of a transaction that is rolled back by hand.
fn by_hand() -> (Caught<Result<(), RolledBackByHand>>, Verdict) {
    (
        Caught::Returned(Err(RolledBackByHand)),
        Verdict::default().described("it was rolled back by hand".to_owned()),
    )
}

struct RolledBackByHand;

impl From<Error> for RolledBackByHand {
    fn from(_: Error) -> Self {
        Self
    }
}
