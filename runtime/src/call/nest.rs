//! A call's savepoint: its commands, and what their answers mean. Runs nothing itself.

use super::Call;
use crate::conflict::Conflict;
use crate::connection::Connection;
use crate::engine::Event;
use crate::error::{BoxError, Error};

impl<C: Connection> Call<'_, C> {
    /// The savepoint to be made, as SQL. For a test's logical transaction it stands for BEGIN.
    pub(crate) fn savepoint(&mut self) -> String {
        let state = self.ground.state_mut();
        let n = state.attempt.next_savepoint();
        self.savepoint = state.savepoint(n);
        format!("SAVEPOINT {}", self.savepoint)
    }

    pub(crate) fn on_savepoint(&mut self, result: Result<(), C::Error>) {
        let state = self.ground.state_mut();
        match result {
            Ok(()) => {
                state.worked = true;
                self.depth = state.attempt.nested();
                self.protocol.on(Event::Done);
            }
            Err(error) => {
                let conflict = state.failed(&error).conflict;
                self.fail_savepoint(conflict, Box::new(error));
                self.protocol.on(Event::Failed);
            }
        }
    }

    /// The engine was asked whether the transaction is alive before the savepoint, and it is not.
    pub(crate) fn savepoint_too_late(&mut self) {
        let conflict = self.ground.state().attempt.conflict();
        let text = self
            .ground
            .state()
            .attempt
            .first_failure()
            .map(ToString::to_string)
            .unwrap_or_default();
        self.fail_savepoint(conflict, text.into());
        self.protocol.on(Event::Failed);
    }

    fn fail_savepoint(&mut self, conflict: Option<Conflict>, source: BoxError) {
        self.error = Some(Error::Savepoint {
            function: self.definition.name,
            conflict,
            source,
        });
    }

    pub(crate) fn release_sql(&self) -> String {
        format!("RELEASE SAVEPOINT {}", self.savepoint)
    }

    pub(crate) fn undo_sql(&self) -> String {
        format!(
            "ROLLBACK TO SAVEPOINT {0}; RELEASE SAVEPOINT {0}",
            self.savepoint
        )
    }

    /// Checks deferred constraints now, and leaves them deferred.
    pub(crate) fn check_sql(&self) -> Option<String> {
        let check = C::ENGINE.check_constraints?;
        let name = &self.savepoint;
        Some(format!(
            "SAVEPOINT {name}_c; {check}; ROLLBACK TO SAVEPOINT {name}_c; RELEASE SAVEPOINT {name}_c"
        ))
    }

    pub(crate) fn on_release(&mut self, result: Result<(), C::Error>) {
        let depth = self.depth;
        let state = self.ground.state_mut();
        match result {
            Ok(()) => {
                state.released(depth);
                self.protocol.on(Event::Done);
            }
            Err(error) => {
                let conflict = state.failed(&error).conflict;
                self.fail_savepoint(conflict, Box::new(error));
                self.protocol.on(Event::Failed);
            }
        }
    }

    /// The engine undid everything already: there is no savepoint to go back to.
    pub(crate) fn undo_is_moot(&mut self) {
        self.protocol.on(Event::Failed);
    }

    pub(crate) fn on_undo(&mut self, result: Result<(), C::Error>) {
        let depth = self.depth;
        let state = self.ground.state_mut();
        match result {
            Ok(()) => {
                state.undone(depth);
                self.protocol.on(Event::Done);
            }
            Err(error) => {
                // The savepoint is gone, so the transaction is: never mind how this error reads.
                state.failed(&error);
                state.attempt.probed(false);
                self.protocol.on(Event::Failed);
            }
        }
    }
}
