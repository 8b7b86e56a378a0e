//! A call's end: what checks, COMMIT and ROLLBACK came to, and what becomes of the connection. Runs nothing itself.

use super::{Call, Caught};
use crate::clock;
use crate::conflict::Conflict;
use crate::connection::{Answer, Connection, Undone};
use crate::engine::{Body, Commit, Event, Standing};
use crate::error::{BoxError, Error};
use crate::hooks::Reason;
use crate::observe;
use crate::seat::{Ground, Seat};

impl<C: Connection> Call<'_, C> {
    pub(crate) fn on_checks(&mut self, caught: Caught<Result<(), BoxError>>) {
        let is_late = self
            .deadline
            .is_some_and(|deadline| clock::now() >= deadline);
        let ok = match caught {
            // COMMIT would be sent, and its answer not be waited for.
            Caught::Returned(Ok(())) if is_late => self.check_timed_out(),
            Caught::Returned(Ok(())) => true,
            Caught::Returned(Err(source)) => {
                self.reason = Reason::BeforeCommit;
                let function = self.definition.name;
                self.error = Some(Error::BeforeCommit { function, source });
                false
            }
            Caught::Panicked(panic) => {
                self.reason = Reason::Panic;
                self.panic = Some(panic);
                false
            }
            Caught::TimedOut => self.check_timed_out(),
        };
        let standing = self.ground.state().attempt.standing(0);
        self.conflict = self.ground.state().attempt.conflict();
        if ok {
            self.note_unfit(Body::Ok, standing);
        }
        // Neither a panic nor a timeout is a conflict, whatever was pending.
        let standing = match self.reason {
            Reason::Panic | Reason::Timeout if !ok => without_conflict(standing),
            _ => standing,
        };
        self.protocol.on(Event::Hooked(ok, standing));
    }

    fn check_timed_out(&mut self) -> bool {
        self.reason = Reason::Timeout;
        self.error = Some(self.timed_out());
        false
    }

    pub(crate) fn on_commit(&mut self, answer: Answer<C::Error>) {
        let function = self.definition.name;
        let commit = match answer {
            Answer::Committed { clean: true } => Commit::Done,
            Answer::Committed { clean: false } => Commit::DoneDirty,
            Answer::Refused { error, conflict } => self.refused_commit(Box::new(error), conflict),
            Answer::Partly { error } => {
                self.error = Some(Error::PartlyCommitted {
                    function,
                    body: None,
                    source: Box::new(error),
                });
                Commit::Partly
            }
            Answer::Unknown { error } => {
                self.commit_unanswered(Box::new(error));
                return;
            }
        };
        self.protocol.on(Event::Committed(commit));
    }

    /// What releasing a savepoint that stands for a transaction came to.
    pub(crate) fn on_commit_logical(&mut self, released: Result<(), C::Error>) {
        let answer = match released {
            Ok(()) => Answer::Committed { clean: true },
            Err(error) => Answer::Refused {
                conflict: C::judge(&mut self.ground.state_mut().memory, &error).conflict,
                error,
            },
        };
        self.on_commit(answer);
    }

    fn refused_commit(&mut self, source: BoxError, conflict: Option<Conflict>) -> Commit {
        let function = self.definition.name;
        let (attempts, body) = (self.number(), self.text.clone());
        self.reason = Reason::NotCommitted;
        self.conflict = conflict;
        let suspended = self.self_deadlock(conflict);
        self.error = Some(match suspended {
            Some(outer) => Error::SelfDeadlock {
                function,
                outer,
                source: Some(source),
            },
            None => Error::Commit {
                function,
                attempts,
                conflict,
                body,
                source,
            },
        });
        // Its own caller's lock would be there again.
        Commit::Refused(conflict.filter(|_| suspended.is_none()))
    }

    /// COMMIT was sent, and no answer will be waited for any more.
    pub(crate) fn commit_unanswered(&mut self, source: BoxError) {
        self.error = Some(Error::OutcomeUnknown {
            function: self.definition.name,
            source,
        });
        self.protocol.on(Event::Committed(Commit::Unknown));
    }

    pub(crate) fn commit_timed_out(&mut self) {
        let timeout = self.timed_out();
        self.abandon(true);
        self.commit_unanswered(Box::new(timeout));
    }

    pub(crate) fn on_rollback(&mut self, result: Result<Undone<C::Error>, C::Error>) {
        let event = match result {
            Ok(Undone::RolledBack { clean: true }) => Event::Done,
            Ok(Undone::RolledBack { clean: false }) => Event::Failed,
            Ok(Undone::Gone { error }) => {
                let (function, body) = (self.definition.name, self.text.clone());
                let source = Box::new(error);
                self.error = Some(Error::PartlyCommitted {
                    function,
                    body,
                    source,
                });
                Event::Gone
            }
            Err(error) => {
                let error = &error.to_string();
                let kind = observe::Kind::RollbackFailed { error };
                observe::emit(self.definition, self.number(), kind);
                Event::Failed
            }
        };
        self.protocol.on(event);
    }

    /// Sees to a rollback without waiting for it.
    pub(crate) fn abandon(&mut self, in_flight: bool) -> bool {
        let origin = self.origin();
        if self.is_logical() {
            return self.abandon_logical(in_flight);
        }
        match self.ground.parts() {
            Some((conn, state)) => {
                let in_flight = in_flight || state.attempt.is_in_flight();
                conn.abandon(&mut state.memory, origin, in_flight)
            }
            None => true,
        }
    }

    /// The same for a savepoint in a test's transaction.
    fn abandon_logical(&mut self, in_flight: bool) -> bool {
        let undo = self.undo_sql();
        let Some((conn, state)) = self.ground.parts() else {
            return true;
        };
        let quiet = !in_flight && !state.attempt.is_in_flight();
        if quiet && conn.undo_now(&undo) {
            return true;
        }
        // The test's own transaction cannot be told from this one any more.
        state.attempt.dropped();
        false
    }

    pub(crate) fn on_abandon(&mut self) {
        let event = if self.abandon(true) {
            Event::Done
        } else {
            Event::Failed
        };
        self.protocol.on(event);
    }

    pub(crate) fn on_mark(&mut self) {
        let text = match self.reason {
            Reason::Panic => "it panicked".to_owned(),
            Reason::Timeout => format!(
                "it did not finish within {:?}",
                self.definition.timeout.unwrap_or_default()
            ),
            _ => self.text.clone().unwrap_or_else(|| "it failed".to_owned()),
        };
        let definition = self.definition;
        self.ground.state_mut().mark(definition, text);
        self.protocol.on(Event::Done);
    }

    /// Gives the connection back, or closes it.
    pub(crate) fn give_back(&mut self, reusable: bool) {
        self.leave(reusable);
        self.protocol.on(Event::Done);
    }

    pub(super) fn leave(&mut self, reusable: bool) {
        let Ground::Own(own) = &mut self.ground else {
            return;
        };
        match &mut own.seat {
            Seat::Leased(leased) => leased.leave(reusable, &mut own.state.memory),
            Seat::Borrowed(loan) => loan.leave(reusable, &mut own.state.memory),
            Seat::Inner(outer) => {
                outer.state.attempt.count_from(own.state.attempt.counted());
                if own.state.attempt.refusal().is_some() || !reusable {
                    outer.state.attempt.probed(false);
                } else if own.state.attempt.is_suspect() {
                    outer.state.attempt.suspect();
                }
            }
        }
    }
}

/// The same, not worth another attempt.
pub(super) fn without_conflict(standing: Standing) -> Standing {
    match standing {
        Standing::Pending(_) => Standing::Sound,
        Standing::Marked(_) => Standing::Marked(None),
        Standing::Spoiled(_) => Standing::Spoiled(None),
        standing => standing,
    }
}
