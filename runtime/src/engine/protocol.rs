//! What one call of an annotated function does next, given what happened so far; knows no driver, no clock, no values.

use super::attempt::Standing;
use super::steps::{Body, Cleanup, Commit, Ending, Event, Kind, Step};
use crate::conflict::Conflict;
use crate::outcome::Outcome;

/// One call, from its first step to its return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol {
    kind: Kind,
    step: Step,
    replayable: bool,
    ending: Ending,
    outcome: Outcome,
    /// Whether this attempt is worth another one, and for which conflict.
    replay: Option<Option<Conflict>>,
}

impl Protocol {
    /// A call of this kind, before its first step.
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            step: first(kind),
            replayable: false,
            ending: Ending::Body,
            outcome: Outcome::RolledBack,
            replay: None,
        }
    }

    /// A call that was refused before its first step.
    pub const fn over() -> Self {
        let mut protocol = Self::new(Kind::Joined);
        protocol.step = Step::Return(Ending::NotBegun);
        protocol
    }

    /// What to do now.
    pub const fn step(&self) -> Step {
        self.step
    }

    /// What the function runs in.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Takes what came of the current step, and tells the next one.
    pub fn on(&mut self, event: Event) -> Step {
        self.step = self.next(event);
        self.step
    }

    /// What dropping the call now leaves to be done.
    pub const fn interrupted(&self) -> Cleanup {
        match (self.kind, self.step) {
            (_, Step::Lease | Step::Pause(_) | Step::Return(_)) => Cleanup::Nothing,
            (Kind::Joined | Kind::Nested, _) => Cleanup::Mark,
            (Kind::Outside { .. }, _) => Cleanup::Nothing,
            (_, Step::Commit) => Cleanup::Unknown,
            (_, Step::Begin | Step::Rollback) => Cleanup::Abandon { in_flight: true },
            (_, Step::GiveBack | Step::Discard | Step::Hooks(_)) => Cleanup::Hooks(self.outcome),
            _ => Cleanup::Abandon { in_flight: false },
        }
    }

    fn next(&mut self, event: Event) -> Step {
        match (self.step, event) {
            (Step::Lease, Event::Done) => after_lease(self.kind),
            (Step::Lease, Event::NotBegun { conflict, .. }) => self.not_begun(conflict, true),
            (Step::Begin, Event::Begun { replayable }) => self.begun(replayable),
            (Step::Begin, Event::NotBegun { conflict, clean }) => self.not_begun(conflict, clean),
            (Step::Savepoint, Event::Done) => Step::Body,
            (Step::Savepoint, _) => Step::Return(Ending::Savepoint),
            (Step::Body, Event::Ended(body, standing)) => self.ended(body, standing),
            (Step::BeforeCommit, Event::Hooked(ok, standing)) => self.hooked(ok, standing),
            (Step::Commit, Event::Committed(commit)) => self.committed(commit),
            (Step::Rollback, Event::Gone) => self.gone(),
            (Step::Rollback | Step::Abandon, Event::Done) => Step::GiveBack,
            (Step::Rollback | Step::Abandon, _) => Step::Discard,
            (Step::GiveBack | Step::Discard, _) => self.given_back(),
            (Step::Hooks(_), _) => self.settled(),
            (Step::Pause(_), Event::Granted) => self.again(),
            (Step::Pause(_), _) => Step::Return(self.ending),
            (Step::Release, Event::Done) | (Step::Undo, Event::Done) | (Step::Mark, _) => {
                Step::Return(self.ending)
            }
            (Step::Release, _) => self.end(Ending::Savepoint, Step::Undo),
            (Step::Undo, _) => Step::Mark,
            // An event that does not belong to the step changes nothing.
            (step, _) => step,
        }
    }

    fn begun(&mut self, replayable: bool) -> Step {
        self.replayable = replayable && declares_retry(self.kind);
        Step::Body
    }

    fn not_begun(&mut self, conflict: Option<Conflict>, clean: bool) -> Step {
        self.replayable = declares_retry(self.kind);
        self.replay = conflict.map(Some);
        self.end(
            Ending::NotBegun,
            if clean { Step::GiveBack } else { Step::Discard },
        )
    }

    fn ended(&mut self, body: Body, standing: Standing) -> Step {
        match self.kind {
            Kind::Own { .. } => self.own_ended(body, standing),
            Kind::Nested => self.nested_ended(body, standing),
            Kind::Joined => self.joined_ended(body),
            Kind::Outside { .. } => self.outside_ended(body, standing),
        }
    }

    fn own_ended(&mut self, body: Body, standing: Standing) -> Step {
        match body {
            Body::Ok | Body::Err { commit: true, .. } if is_sound(standing) => Step::BeforeCommit,
            Body::Ok | Body::Err { commit: true, .. } => self.unfit(standing),
            Body::Err { replay, .. } => {
                self.replay = conflict_of(standing).map(Some).or(replay.then_some(None));
                self.end(Ending::Body, undo_whole(standing))
            }
            Body::Panic | Body::TimedOut => self.end(ending_of(body), undo_whole(standing)),
        }
    }

    /// The body is content, the transaction is not.
    fn unfit(&mut self, standing: Standing) -> Step {
        self.replay = conflict_of(standing).map(Some);
        self.end(unfit_ending(standing), undo_whole(standing))
    }

    fn hooked(&mut self, ok: bool, standing: Standing) -> Step {
        match ok {
            true if is_sound(standing) => Step::Commit,
            true => self.unfit(standing),
            false => {
                self.replay = conflict_of(standing).map(Some);
                self.end(Ending::BeforeCommit, undo_whole(standing))
            }
        }
    }

    fn committed(&mut self, commit: Commit) -> Step {
        match commit {
            Commit::Done => self.settle(Outcome::Committed, Ending::Body, Step::GiveBack),
            Commit::DoneDirty => self.settle(Outcome::Committed, Ending::Body, Step::Discard),
            Commit::Partly => self.settle(
                Outcome::PartlyCommitted,
                Ending::PartlyCommitted,
                Step::Rollback,
            ),
            Commit::Unknown => self.settle(Outcome::Unknown, Ending::Unknown, Step::Discard),
            Commit::Refused(conflict) => {
                self.replay = conflict.map(Some);
                self.end(Ending::NotCommitted, Step::Rollback)
            }
        }
    }

    /// There was nothing left to roll back: what was done may be stored, and is not done again.
    fn gone(&mut self) -> Step {
        self.replay = None;
        self.settle(
            Outcome::PartlyCommitted,
            Ending::PartlyCommitted,
            Step::GiveBack,
        )
    }

    fn settle(&mut self, outcome: Outcome, ending: Ending, step: Step) -> Step {
        self.outcome = outcome;
        self.end(ending, step)
    }

    fn nested_ended(&mut self, body: Body, standing: Standing) -> Step {
        let content = matches!(body, Body::Ok | Body::Err { commit: true, .. });
        match standing {
            Standing::Lost | Standing::Abandoned if content => {
                self.end(Ending::Poisoned, Step::Mark)
            }
            Standing::Lost | Standing::Abandoned => self.end(ending_of(body), Step::Mark),
            Standing::Sound | Standing::Pending(_) if content => Step::Release,
            _ if content => self.end(unfit_ending(standing), Step::Undo),
            _ => self.end(ending_of(body), Step::Undo),
        }
    }

    fn joined_ended(&mut self, body: Body) -> Step {
        match body {
            Body::Ok | Body::Err { commit: true, .. } | Body::Err { no_mark: true, .. } => {
                Step::Return(Ending::Body)
            }
            _ => self.end(ending_of(body), Step::Mark),
        }
    }

    fn outside_ended(&mut self, body: Body, standing: Standing) -> Step {
        let broken = matches!(standing, Standing::Abandoned | Standing::Lost);
        self.end(
            ending_of(body),
            if broken {
                Step::Discard
            } else {
                Step::GiveBack
            },
        )
    }

    fn given_back(&mut self) -> Step {
        match self.kind {
            Kind::Own { .. } if self.ending != Ending::NotBegun => Step::Hooks(self.outcome),
            Kind::Own { .. } => self.settled(),
            _ => Step::Return(self.ending),
        }
    }

    fn settled(&mut self) -> Step {
        match self.replay {
            Some(conflict) if self.replayable && self.outcome == Outcome::RolledBack => {
                Step::Pause(conflict)
            }
            _ => Step::Return(self.ending),
        }
    }

    fn again(&mut self) -> Step {
        *self = Self::new(self.kind);
        self.step
    }

    fn end(&mut self, ending: Ending, step: Step) -> Step {
        self.ending = ending;
        step
    }
}

const fn first(kind: Kind) -> Step {
    match kind {
        Kind::Own { leased: true, .. } | Kind::Outside { leased: true } => Step::Lease,
        Kind::Own { leased: false, .. } => Step::Begin,
        Kind::Nested => Step::Savepoint,
        Kind::Joined | Kind::Outside { leased: false } => Step::Body,
    }
}

const fn after_lease(kind: Kind) -> Step {
    match kind {
        Kind::Outside { .. } => Step::Body,
        _ => Step::Begin,
    }
}

const fn declares_retry(kind: Kind) -> bool {
    matches!(kind, Kind::Own { retry: true, .. })
}

const fn is_sound(standing: Standing) -> bool {
    matches!(standing, Standing::Sound | Standing::Pending(_))
}

const fn conflict_of(standing: Standing) -> Option<Conflict> {
    match standing {
        Standing::Pending(conflict) => Some(conflict),
        Standing::Spoiled(conflict) | Standing::Marked(conflict) => conflict,
        _ => None,
    }
}

const fn ending_of(body: Body) -> Ending {
    match body {
        Body::TimedOut => Ending::TimedOut,
        _ => Ending::Body,
    }
}

const fn unfit_ending(standing: Standing) -> Ending {
    match standing {
        Standing::Marked(_) => Ending::RollbackOnly,
        _ => Ending::Poisoned,
    }
}

const fn undo_whole(standing: Standing) -> Step {
    match standing {
        Standing::Abandoned => Step::Abandon,
        Standing::Lost => Step::Discard,
        _ => Step::Rollback,
    }
}
