//! A call that is dropped before it is over: cancelled, or unwound. Nothing can be awaited here.

use super::Call;
use crate::connection::{Connection, Mode};
use crate::engine::{Cleanup, Kind, Step};
use crate::outcome::Outcome;

impl<C: Connection> Drop for Call<'_, C> {
    fn drop(&mut self) {
        match self.protocol.interrupted() {
            Cleanup::Nothing => self.leave_outside(),
            Cleanup::Mark => self.mark_dropped(),
            Cleanup::Abandon { in_flight } => {
                let reusable = self.abandon(in_flight);
                self.leave(reusable);
            }
            Cleanup::Unknown => {
                self.abandon(true);
                self.leave(false);
                self.forward(Outcome::Unknown);
            }
            Cleanup::Hooks(outcome) => {
                // While hooks run the connection is long gone.
                if !matches!(self.protocol.step(), Step::Hooks(_)) {
                    self.leave(false);
                }
                self.forward(outcome);
            }
        }
    }
}

impl<C: Connection> Call<'_, C> {
    /// A connection without a transaction is reusable unless a statement still runs on it.
    fn leave_outside(&mut self) {
        let reusable = !self.ground.state().attempt.is_in_flight();
        if matches!(self.protocol.kind(), Kind::Outside { .. }) {
            self.leave(reusable);
        }
    }

    fn mark_dropped(&mut self) {
        let in_body = self.protocol.step() == Step::Body;
        let definition = self.definition;
        let state = self.ground.state_mut();
        if !in_body {
            // A savepoint command of ours is on its way.
            state.attempt.dropped();
        }
        state.mark(definition, "it was dropped before it finished".to_owned());
    }

    /// Hands hooks to the queue, which sees to them when it is dropped.
    fn forward(&mut self, outcome: Outcome) {
        let (attempt, hooks) = (self.number(), self.hooks(outcome));
        C::Mode::enqueue(&mut self.queue.0, self.definition, attempt, hooks);
    }
}
