//! The driver's own connection, lent, and asked what became of the transaction; knows no driver and begins nothing.

use super::{InFlight, Tx};
use crate::connection::{AsyncConnection, BlockingConnection, Connection};
use crate::error::Error;
use crate::state::{Footing, State};

impl<C: Connection, A> Tx<'_, C, A> {
    /// Lends the driver's own connection, for what does not go through the handle: COPY, migrations, helpers that begin
    /// and commit on their own (they nest).
    ///
    /// What happens there is not seen statement by statement. A conflict is found in the error that `work` returns. The
    /// engine is asked whether the transaction is still there before the next statement, and has to prove it at the end: the
    /// function of one that was ended there gets [`Error::PartlyCommitted`](crate::Error::PartlyCommitted).
    ///
    /// # Errors
    ///
    /// Whatever `work` returns; or that the connection could not be lent.
    pub async fn with_conn<R>(
        &mut self,
        work: impl AsyncFnOnce(&mut C) -> Result<R, C::Error>,
    ) -> Result<R, C::Error>
    where
        C: AsyncConnection<Error: From<Error>>,
    {
        self.state.ask(self.conn).await?;
        self.is_lendable()?;
        let depth = self.state.attempt.depth();
        let sent = InFlight::new(self.state);
        if sent.state.footing != Footing::Outside {
            let lent = self.conn.lend(&mut sent.state.memory, depth).await;
            if let Err(error) = lent {
                return sent.answered(Err(error));
            }
        }
        let before = self.conn.depth();
        let result = work(self.conn).await;
        if let Err(error) = &result {
            self.conn.diagnose(&mut sent.state.memory, error).await;
        }
        let result = sent.answered(result);
        self.is_returned(before);
        result
    }
}

impl<C: Connection, A> Tx<'_, C, A> {
    /// Lends the driver's own connection, for what does not go through the handle: COPY, migrations, helpers that begin
    /// and commit on their own (they nest).
    ///
    /// What happens there is not seen statement by statement. A conflict is found in the error that `work` returns. The
    /// engine is asked whether the transaction is still there before the next statement, and has to prove it at the end: the
    /// function of one that was ended there gets [`Error::PartlyCommitted`](crate::Error::PartlyCommitted).
    ///
    /// If `work` panics, the connection may be in the middle of something: nothing more is sent in the transaction either,
    /// also if the panic is caught.
    ///
    /// # Errors
    ///
    /// Whatever `work` returns; or that the connection could not be lent.
    pub fn with_conn_blocking<R>(
        &mut self,
        work: impl FnOnce(&mut C) -> Result<R, C::Error>,
    ) -> Result<R, C::Error>
    where
        C: BlockingConnection<Error: From<Error>>,
    {
        self.state.ask_blocking(self.conn)?;
        self.is_lendable()?;
        let depth = self.state.attempt.depth();
        let sent = InFlight::new(self.state);
        if sent.state.footing != Footing::Outside {
            let lent = self.conn.lend(&mut sent.state.memory, depth);
            if let Err(error) = lent {
                return sent.answered(Err(error));
            }
        }
        let before = self.conn.depth();
        let result = work(self.conn);
        if let Err(error) = &result {
            self.conn.diagnose(&mut sent.state.memory, error);
        }
        let result = sent.answered(result);
        self.is_returned(before);
        result
    }
}

impl<C: Connection, A> Tx<'_, C, A> {
    /// Whether the connection may be lent; the error says why not.
    fn is_lendable(&self) -> Result<(), Error> {
        match (self.state.attempt.refusal(), self.state.overdue()) {
            (Some(source), _) => Err(Error::Ended { source }),
            (None, Some(late)) => Err(late),
            (None, None) => Ok(()),
        }
    }

    /// The connection was lent, and is back: the engine is to be asked what became of the transaction, unless that is known.
    fn is_returned(&mut self, before: usize) {
        let attempt = &mut self.state.attempt;
        if self.state.footing == Footing::Outside || attempt.is_over() {
            return;
        }
        attempt.suspect();
        // A `begin` that failed or was cancelled there took our level with it.
        if self.conn.depth() < before {
            attempt.probed(false);
        }
    }
}

impl<C: Connection> State<C> {
    /// Whether the engine must be asked if the transaction is alive, before anything more is stored.
    fn is_in_doubt(&self) -> bool {
        self.footing != Footing::Outside && self.attempt.is_suspect()
    }
}

impl<C: AsyncConnection> State<C> {
    /// Asks the engine whether the transaction is alive, where that is in doubt, so that nothing is stored outside of it.
    /// To be dropped meanwhile poisons the transaction like an unfinished statement: the question may be half asked.
    pub(crate) async fn ask(&mut self, conn: &mut C) -> Result<(), C::Error> {
        if !self.is_in_doubt() {
            return Ok(());
        }
        let asking = InFlight::new(self);
        let alive = conn.alive().await;
        asking.arrived();
        self.attempt.probed(alive?);
        Ok(())
    }
}

impl<C: BlockingConnection> State<C> {
    /// Asks the engine whether the transaction is alive, where that is in doubt, so that nothing is stored outside of it.
    /// A driver that panics meanwhile poisons the transaction: the question may be half asked.
    pub(crate) fn ask_blocking(&mut self, conn: &mut C) -> Result<(), C::Error> {
        if !self.is_in_doubt() {
            return Ok(());
        }
        let asking = InFlight::new(self);
        let alive = conn.alive();
        asking.arrived();
        self.attempt.probed(alive?);
        Ok(())
    }
}
