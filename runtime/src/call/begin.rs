//! A call's beginning: what it asks of a pool and of BEGIN, and what the answers mean. Runs nothing itself.

use std::time::Duration;

use super::Call;
use crate::clock;
use crate::connection::{Begun, Connection, NotBegun, Plan};
use crate::definition::Propagation;
use crate::engine::{Body, Event, Standing};
use crate::error::Error;
use crate::observe::{self, Span};
use crate::seat::{Denied, Ground, Own, Seat};
use crate::state::{Footing, uncounted};

/// An inner transaction's lock wait, where its function declares none: its own caller may hold the lock.
const INNER_LOCK_TIMEOUT: Duration = Duration::from_secs(5);

impl<C: Connection> Call<'_, C> {
    pub(crate) fn on_lease(&mut self, result: Result<(), Denied>) {
        let event = match result {
            Ok(()) => {
                self.notice_test();
                Event::Done
            }
            Err(denied) => {
                self.error = Some(denied.error);
                Event::NotBegun {
                    conflict: denied.conflict,
                    clean: true,
                }
            }
        };
        self.protocol.on(event);
    }

    /// In a test's transaction this one is a savepoint, if it is one at all.
    fn notice_test(&mut self) {
        let Ground::Own(Own {
            state,
            seat: Seat::Leased(leased),
        }) = &mut self.ground
        else {
            return;
        };
        if state.footing == Footing::Own && leased.in_test() {
            state.footing = Footing::Logical;
        }
    }

    /// What BEGIN is to ask for; the deadline starts here.
    pub(crate) fn plan(&mut self) -> Plan {
        self.error = None;
        self.deadline = self
            .definition
            .timeout
            .and_then(|timeout| clock::now().checked_add(timeout));
        let suspends = matches!(&self.ground, Ground::Own(own) if own.outer().is_some());
        Plan {
            origin: self.origin(),
            isolation: self.definition.isolation,
            read_only: self.definition.read_only,
            deferrable: self.definition.deferrable,
            timeout: self.definition.timeout,
            statement_timeout: self.definition.statement_timeout,
            lock_timeout: self
                .definition
                .lock_timeout
                .or(suspends.then_some(INNER_LOCK_TIMEOUT)),
        }
    }

    /// What the engine cannot do at all is said before anything is sent.
    pub(crate) fn unsupported(&mut self) -> bool {
        if !self.definition.deferrable || C::ENGINE.deferrable {
            return false;
        }
        let (function, engine) = (self.definition.name, C::ENGINE.name);
        self.error = Some(Error::Unsupported {
            function,
            option: "deferrable",
            engine,
        });
        self.protocol.on(Event::NotBegun {
            conflict: None,
            clean: true,
        });
        true
    }

    pub(crate) fn on_begin(&mut self, result: Result<Begun, NotBegun<C::Error>>) {
        match result {
            Ok(begun) => self.has_begun(begun),
            Err(NotBegun { error, clean }) => {
                let memory = &mut self.ground.state_mut().memory;
                let conflict = C::judge(memory, &error).conflict;
                let (function, attempts) = (self.definition.name, self.number());
                let source = Box::new(error);
                let suspended = self.self_deadlock(conflict);
                self.error = Some(match suspended {
                    Some(outer) => Error::SelfDeadlock {
                        function,
                        outer,
                        source: Some(source),
                    },
                    None => Error::Begin {
                        function,
                        attempts,
                        conflict,
                        source,
                    },
                });
                // Its own caller's lock would be there again.
                let conflict = conflict.filter(|_| suspended.is_none());
                self.protocol.on(Event::NotBegun { conflict, clean });
            }
        }
    }

    fn has_begun(&mut self, begun: Begun) {
        let attempt = self.number();
        self.span = Span::of(self.definition, attempt);
        self.begun = observe::is_listening().then(clock::now);
        observe::emit(self.definition, attempt, observe::Kind::Begun);
        self.protocol.on(Event::Begun {
            replayable: begun == Begun::Own && !self.is_logical(),
        });
        let misplaced = match begun {
            Begun::Own => self.needs_a_transaction(),
            Begun::Foreign => self.is_foreign(),
        };
        if let Some(error) = misplaced {
            self.error = Some(error);
            let failed = Body::Err {
                commit: false,
                no_mark: false,
                replay: false,
            };
            self.protocol.on(Event::Ended(failed, Standing::Sound));
        }
    }

    fn needs_a_transaction(&self) -> Option<Error> {
        let function = self.definition.name;
        let bare = matches!(
            &self.ground,
            Ground::Own(Own {
                seat: Seat::Borrowed(_),
                ..
            })
        );
        (bare && self.definition.propagation == Propagation::Mandatory)
            .then_some(Error::NoTransaction { function })
    }

    /// The connection turned out to be in someone else's transaction: this one is a savepoint.
    fn is_foreign(&mut self) -> Option<Error> {
        let definition = self.definition;
        let function = definition.name;
        self.report_ignored();
        if let Some((conn, state)) = self.ground.parts() {
            state.footing = Footing::Foreign;
            state.names = match conn.depth() {
                0 => uncounted(),
                depth => depth,
            };
            state.isolation = None;
        }
        match definition.isolation {
            _ if definition.propagation == Propagation::RequiresNew => {
                Some(Error::NoPool { function })
            }
            Some(wanted) if wanted > C::ENGINE.floor => Some(Error::WeakerIsolation {
                function,
                outer: "someone else",
                wanted,
                actual: None,
            }),
            _ => None,
        }
    }
}
