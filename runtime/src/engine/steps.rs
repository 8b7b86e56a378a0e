//! The words of the protocol: what a call can be told to do, and what it can be told that happened. They do nothing.

use super::attempt::Standing;
use crate::conflict::Conflict;
use crate::outcome::Outcome;

/// What a call's function runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A transaction of its own, on a leased or a borrowed connection.
    Own {
        /// Whether a connection must be had from the pool first.
        leased: bool,
        /// Whether the function declares `retry`.
        retry: bool,
    },
    /// A savepoint in an open transaction.
    Nested,
    /// An open transaction.
    Joined,
    /// No transaction at all.
    Outside {
        /// Whether a connection must be had from the pool first.
        leased: bool,
    },
}

/// What the runner is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Have a connection from the pool.
    Lease,
    /// Begin the transaction.
    Begin,
    /// Make the savepoint.
    Savepoint,
    /// Run the function's body.
    Body,
    /// Run the `before_commit` hooks.
    BeforeCommit,
    /// Commit, verified.
    Commit,
    /// Roll back.
    Rollback,
    /// Queue a rollback, or drop the connection: a statement is still running.
    Abandon,
    /// Release the savepoint.
    Release,
    /// Roll back to the savepoint and release it.
    Undo,
    /// Mark the open transaction rollback-only.
    Mark,
    /// Give the connection back to its pool.
    GiveBack,
    /// Close the connection: nothing is known of its state.
    Discard,
    /// Run the hooks of this outcome.
    Hooks(Outcome),
    /// Ask the policy for another attempt, and pause.
    Pause(Option<Conflict>),
    /// Return.
    Return(Ending),
}

/// How the body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// With `Ok`.
    Ok,
    /// With `Err`.
    Err {
        /// It matches `commit_on`.
        commit: bool,
        /// It matches `no_mark`.
        no_mark: bool,
        /// It is worth another attempt for a reason the handle did not see.
        replay: bool,
    },
    /// By a panic.
    Panic,
    /// Not at all: the deadline passed.
    TimedOut,
}

/// What a verified COMMIT came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// Committed.
    Done,
    /// Committed, but the connection must not be used again.
    DoneDirty,
    /// Certainly not committed.
    Refused(Option<Conflict>),
    /// Not ours any more: what came before may be stored.
    Partly,
    /// No answer.
    Unknown,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The step succeeded.
    Done,
    /// The step failed.
    Failed,
    /// The transaction to be rolled back was no longer ours.
    Gone,
    /// The transaction could not be begun.
    NotBegun {
        /// The conflict it was, if it was one.
        conflict: Option<Conflict>,
        /// Whether the connection is as it was before.
        clean: bool,
    },
    /// The transaction was begun; `replayable` unless it is a savepoint in someone else's.
    Begun {
        /// Whether a replay would start from nothing.
        replayable: bool,
    },
    /// The body ended, leaving the transaction as it stands.
    Ended(Body, Standing),
    /// The `before_commit` hooks ran; whether all succeeded.
    Hooked(bool, Standing),
    /// COMMIT was answered, or was not.
    Committed(Commit),
    /// Another attempt is granted.
    Granted,
    /// No other attempt.
    Declined,
}

/// What the call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// What the body returned (or its panic).
    Body,
    /// The error of the step that failed before the body ran.
    NotBegun,
    /// `Error::Timeout`.
    TimedOut,
    /// `Error::RollbackOnly`.
    RollbackOnly,
    /// `Error::Poisoned`.
    Poisoned,
    /// `Error::BeforeCommit`.
    BeforeCommit,
    /// `Error::Commit`.
    NotCommitted,
    /// `Error::PartlyCommitted`.
    PartlyCommitted,
    /// `Error::OutcomeUnknown`.
    Unknown,
    /// `Error::Savepoint`.
    Savepoint,
}

/// What must be undone when the call is dropped at some step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleanup {
    /// Nothing is open.
    Nothing,
    /// The connection may be in our transaction, or may soon be.
    Abandon {
        /// A command of the protocol itself is on its way.
        in_flight: bool,
    },
    /// The open transaction lost a part of its work in an unknown state.
    Mark,
    /// COMMIT was sent and not answered.
    Unknown,
    /// The transaction is over; hooks of this outcome have not all run.
    Hooks(Outcome),
}
