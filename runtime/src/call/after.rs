//! What follows a transaction's end: its hooks, those who watch, and whether there is another attempt. Runs nothing itself.

use std::time::Duration;

use super::Call;
use crate::clock;
use crate::conflict::Conflict;
use crate::connection::{Connection, Mode};
use crate::engine::Event;
use crate::hooks::RolledBack;
use crate::observe;
use crate::outcome::Outcome;
use crate::retry::{self, Decision};

impl<C: Connection> Call<'_, C> {
    /// The hooks that are to run now.
    pub(crate) fn hooks(&mut self, outcome: Outcome) -> Vec<(<C::Mode as Mode>::Hook, RolledBack)> {
        let reason = self.reason;
        let state = self.ground.state_mut();
        let told = state.rolled_back(reason);
        state.hooks.take(outcome, &told)
    }

    pub(crate) fn on_outcome(&mut self, outcome: Outcome) {
        if outcome == Outcome::Committed {
            retry::budget().deposit();
        }
        self.span.end(outcome, self.conflict);
        let Some(begun) = self.begun.take() else {
            return;
        };
        let elapsed = clock::now().saturating_duration_since(begun);
        let reason = (outcome == Outcome::RolledBack).then_some(self.reason);
        let kind = observe::Kind::Ended {
            outcome,
            reason,
            conflict: self.conflict,
            elapsed,
        };
        observe::emit(self.definition, self.number(), kind);
    }

    pub(crate) fn on_hooks(&mut self) {
        self.protocol.on(Event::Done);
    }

    /// Asks the policy for another attempt: the pause before it, if it is granted.
    pub(crate) fn pause(&mut self, conflict: Option<Conflict>) -> Option<Duration> {
        match self.decide() {
            Decision::Replay(pause) => {
                observe::emit(
                    self.definition,
                    self.number(),
                    observe::Kind::Replayed { conflict, pause },
                );
                self.ground.state_mut().renew();
                (self.error, self.text, self.conflict, self.depth) = (None, None, None, 0);
                Some(pause)
            }
            Decision::GiveUp(reason) => {
                observe::emit(
                    self.definition,
                    self.number(),
                    observe::Kind::GaveUp { conflict, reason },
                );
                None
            }
        }
    }

    fn decide(&self) -> Decision {
        let Some(retry) = self.definition.retry else {
            return Decision::GiveUp(retry::Reason::Attempts);
        };
        let elapsed = self.started.map_or(Duration::ZERO, |started| {
            clock::now().saturating_duration_since(started)
        });
        match retry.decide(self.number(), elapsed, fastrand::f64()) {
            Decision::Replay(_) if !retry::budget().withdraw() => {
                Decision::GiveUp(retry::Reason::Budget)
            }
            decision => decision,
        }
    }

    pub(crate) fn on_pause(&mut self, granted: bool) {
        self.protocol.on(if granted {
            Event::Granted
        } else {
            Event::Declined
        });
    }
}
