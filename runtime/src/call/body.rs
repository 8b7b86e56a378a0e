//! What a body's return means for the transaction it worked in. Runs nothing itself.

use super::end::without_conflict;
use super::{Call, Caught, Verdict};
use crate::conflict::Conflict;
use crate::connection::Connection;
use crate::engine::{Body, Event, Kind, Standing};
use crate::error::{BoxError, Cause, Error};
use crate::hooks::Reason;
use crate::outcome::Evidence;
use crate::seat::Ground;

impl<C: Connection> Call<'_, C> {
    pub(crate) fn on_body<R>(
        &mut self,
        caught: &Caught<R>,
        verdict: Verdict,
        evidence: Evidence<R>,
    ) {
        let body = match caught {
            Caught::Returned(value) if evidence.is_ok(value) => Body::Ok,
            Caught::Returned(_) => Body::Err {
                commit: verdict.commit,
                no_mark: verdict.no_mark,
                replay: verdict.also || verdict.conflict.is_some(),
            },
            Caught::Panicked(_) => Body::Panic,
            Caught::TimedOut => Body::TimedOut,
        };
        self.text = verdict.text;
        self.reason = match body {
            Body::Panic => Reason::Panic,
            Body::TimedOut => Reason::Timeout,
            _ => Reason::Error,
        };
        let (levels, definition) = (self.levels, self.definition);
        let state = self.ground.state_mut();
        if state.levels.len() > levels {
            let text =
                "a nested transaction of the driver's was left open by a panic, or by dropping it";
            state.mark(definition, text.to_owned());
        }
        let standing = self.standing(body);
        self.conflict = self.ground.state().attempt.conflict().or(verdict.conflict);
        self.note_unfit(body, standing);
        self.protocol.on(Event::Ended(body, standing));
    }

    /// How the transaction stands; a lock timeout against one's own caller is not a conflict to be replayed.
    fn standing(&mut self, body: Body) -> Standing {
        let attempt = &self.ground.state().attempt;
        let standing = attempt.standing(self.depth);
        let Some(outer) = self.self_deadlock(attempt.conflict()) else {
            return standing;
        };
        if !matches!(
            body,
            Body::Err {
                commit: false,
                replay: false,
                ..
            }
        ) {
            return standing;
        }
        let source = self
            .ground
            .state()
            .attempt
            .first_failure()
            .cloned()
            .map(|cause| Box::new(cause) as BoxError);
        self.error = Some(Error::SelfDeadlock {
            function: self.definition.name,
            outer,
            source,
        });
        without_conflict(standing)
    }

    /// The suspended caller that most likely holds the lock this transaction did not get.
    pub(super) fn self_deadlock(&self, conflict: Option<Conflict>) -> Option<&'static str> {
        if !matches!(conflict, Some(Conflict::LockTimeout | Conflict::Busy)) {
            return None;
        }
        let Ground::Own(own) = &self.ground else {
            return None;
        };
        let outer = own.outer()?;
        outer.worked.then_some(outer.function.name)
    }

    /// Keeps the error that an `Ok` is replaced by where the transaction cannot be committed.
    pub(super) fn note_unfit(&mut self, body: Body, standing: Standing) {
        // A joined function keeps its own result: only who ends the transaction, or the savepoint, can tell.
        let ends_it = matches!(self.protocol.kind(), Kind::Own { .. } | Kind::Nested);
        if !ends_it || !matches!(body, Body::Ok | Body::Err { commit: true, .. }) {
            return;
        }
        let function = self.ground.state().definition.name;
        let attempt = &mut self.ground.state_mut().attempt;
        match standing {
            Standing::Sound | Standing::Pending(_) => {}
            Standing::Marked(_) => {
                self.reason = Reason::RollbackOnly;
                self.error = attempt.mark_at(self.depth).map(|mark| Error::RollbackOnly {
                    function,
                    by: mark.by.name,
                    location: mark.by.location(),
                    cause: mark.cause,
                });
            }
            Standing::Spoiled(_) | Standing::Abandoned | Standing::Lost => {
                self.reason = Reason::Poisoned;
                let source = attempt
                    .first_failure()
                    .cloned()
                    .unwrap_or_else(|| Cause::new("unknown", None));
                self.error = Some(Error::Poisoned { function, source });
            }
        }
    }
}
