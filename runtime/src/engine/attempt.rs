//! What is known of one open transaction: its condition, its savepoints, its marks; knows no driver and no call.

use crate::conflict::{Conflict, Damage, Failure};
use crate::definition::Definition;
use crate::error::Cause;

/// The condition of a transaction as its handle saw it, changed only by what the engine reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    /// Statements work.
    Active,
    /// Statements work, but the last one that reached the database lost against another transaction.
    Pending(Conflict),
    /// Refused by the database since `depth`; an undo at or above it repairs.
    Aborted {
        depth: u32,
        conflict: Option<Conflict>,
    },
    /// The engine rolled everything back.
    Ended { conflict: Option<Conflict> },
    /// A statement was dropped unfinished: it may still run.
    Abandoned,
    /// The connection is gone.
    Lost,
}

/// Why a transaction, though nothing ended it, must not commit.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The savepoint depth it was made at: undoing that savepoint removes it.
    pub depth: u32,
    /// The function that failed.
    pub by: &'static Definition,
    /// Its error.
    pub cause: Cause,
}

/// Whether a transaction, or the part since a savepoint, can be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    Sound,
    /// It can, though the last statement lost a conflict that nothing has made good since.
    Pending(Conflict),
    /// A part of it failed; the conflict that is pending besides, if there is one.
    Marked(Option<Conflict>),
    /// The database would refuse; the conflict that did it, if it was one.
    Spoiled(Option<Conflict>),
    /// A statement may still be running.
    Abandoned,
    /// Nothing can be sent any more.
    Lost,
}

/// One attempt at a transaction, from BEGIN to its end.
#[derive(Debug)]
pub struct Attempt {
    condition: Condition,
    doubtful: bool,
    suspect: bool,
    /// It was an error of the engine's that ended it.
    reported: bool,
    in_flight: bool,
    depth: u32,
    savepoints: u32,
    mark: Option<Mark>,
    first: Option<Cause>,
}

impl Attempt {
    /// A transaction that was just begun.
    pub const fn new() -> Self {
        Self {
            condition: Condition::Active,
            doubtful: false,
            suspect: false,
            reported: false,
            in_flight: false,
            depth: 0,
            savepoints: 0,
            mark: None,
            first: None,
        }
    }

    /// A statement is on its way.
    pub fn sent(&mut self) {
        self.in_flight = true;
    }

    /// The database answered the statement.
    pub fn succeeded(&mut self) {
        self.in_flight = false;
        if matches!(self.condition, Condition::Pending(_)) {
            self.condition = Condition::Active;
        }
    }

    /// The statement failed; `describe` is called only if this is the first failure.
    pub fn failed(&mut self, failure: Failure, describe: impl FnOnce() -> String) {
        self.in_flight = false;
        if failure.damage == Damage::None {
            return;
        }
        if self.first.is_none() || matches!(self.condition, Condition::Active) {
            self.first = Some(Cause::new(describe(), failure.conflict));
        }
        let conflict = failure.conflict;
        self.reported |= failure.damage == Damage::Ended && !self.is_over();
        self.condition = match (self.condition, failure.damage) {
            (Condition::Lost, _) | (_, Damage::Lost) => Condition::Lost,
            (ended @ Condition::Ended { .. }, _) => ended,
            (_, Damage::Ended) => Condition::Ended { conflict },
            (Condition::Abandoned, _) => Condition::Abandoned,
            (aborted @ Condition::Aborted { .. }, _) => aborted,
            (_, Damage::Aborted) => Condition::Aborted {
                depth: self.depth,
                conflict,
            },
            (before, _) => conflict.map_or(before, Condition::Pending),
        };
        self.doubtful |= failure.damage == Damage::Doubtful;
    }

    /// What was on its way was answered, and was no statement of the transaction's.
    pub fn arrived(&mut self) {
        self.in_flight = false;
    }

    /// The future of a statement was dropped before its answer came.
    pub fn dropped(&mut self) {
        if !matches!(self.condition, Condition::Ended { .. } | Condition::Lost) {
            self.condition = Condition::Abandoned;
            self.remember("a statement was dropped before it finished; it may still run");
        }
    }

    /// The database was asked whether the transaction is alive (see [`is_doubtful`](Self::is_doubtful)).
    pub fn probed(&mut self, alive: bool) {
        (self.doubtful, self.suspect) = (false, false);
        if !alive && !self.is_over() {
            let conflict = self.conflict();
            self.condition = Condition::Ended { conflict };
            self.remember("the database rolled the transaction back");
        }
    }

    /// Something ran unseen that may have ended the transaction: ask before the next statement. COMMIT need not ask, it
    /// proves.
    pub fn suspect(&mut self) {
        self.suspect = true;
    }

    /// A part of the transaction failed; only the first such mark is kept.
    pub fn mark(&mut self, by: &'static Definition, cause: Cause) {
        let depth = self.depth;
        self.mark.get_or_insert(Mark { depth, by, cause });
    }

    /// A savepoint is about to be made: its number, unique within the transaction.
    pub fn next_savepoint(&mut self) -> u32 {
        self.savepoints += 1;
        self.savepoints
    }

    /// Goes on counting savepoints where an enclosing transaction on the same connection stands.
    pub fn count_from(&mut self, savepoints: u32) {
        self.savepoints = savepoints;
    }

    /// How many savepoints were named.
    pub fn counted(&self) -> u32 {
        self.savepoints
    }

    /// The savepoint was made.
    pub fn nested(&mut self) -> u32 {
        self.depth += 1;
        self.depth
    }

    /// The savepoint at `depth` was released.
    pub fn released(&mut self, depth: u32) {
        self.depth = depth.saturating_sub(1);
        if let Some(mark) = &mut self.mark {
            mark.depth = mark.depth.min(self.depth);
        }
    }

    /// The savepoint at `depth` was rolled back to: what went wrong since is undone with it.
    pub fn undone(&mut self, depth: u32) {
        self.depth = depth.saturating_sub(1);
        if self.mark.as_ref().is_some_and(|mark| mark.depth >= depth) {
            self.mark = None;
        }
        if let Condition::Aborted {
            depth: since,
            conflict,
        } = self.condition
            && since >= depth
        {
            self.condition = conflict.map_or(Condition::Active, Condition::Pending);
        }
    }

    /// Whether this can be committed as it stands, seen from `depth` (0 is the whole transaction).
    pub fn standing(&self, depth: u32) -> Standing {
        match self.condition {
            Condition::Lost => Standing::Lost,
            Condition::Abandoned => Standing::Abandoned,
            Condition::Ended { conflict } | Condition::Aborted { conflict, .. } => {
                Standing::Spoiled(conflict)
            }
            _ if self.in_flight => Standing::Abandoned,
            Condition::Pending(conflict) if self.is_marked_since(depth) => {
                Standing::Marked(Some(conflict))
            }
            Condition::Pending(conflict) => Standing::Pending(conflict),
            Condition::Active if self.is_marked_since(depth) => Standing::Marked(None),
            Condition::Active => Standing::Sound,
        }
    }

    fn is_marked_since(&self, depth: u32) -> bool {
        self.mark.as_ref().is_some_and(|mark| mark.depth >= depth)
    }

    /// Whether statements must no longer be sent, and why.
    pub fn refusal(&self) -> Option<Cause> {
        match self.condition {
            Condition::Ended { .. } | Condition::Abandoned | Condition::Lost => self.first.clone(),
            _ => None,
        }
    }

    /// Whether the engine must be asked before the transaction is judged.
    pub fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    /// Whether the engine must be asked before anything more is stored.
    pub fn is_suspect(&self) -> bool {
        self.doubtful || self.suspect
    }

    /// Whether a statement's answer is outstanding.
    pub fn is_in_flight(&self) -> bool {
        self.in_flight || matches!(self.condition, Condition::Abandoned)
    }

    /// Whether the engine itself said that it rolled the transaction back, before anything else could have ended it.
    pub fn was_rolled_back(&self) -> bool {
        self.reported && matches!(self.condition, Condition::Ended { .. })
    }

    /// Whether the engine, or the network, already ended the transaction.
    pub fn is_over(&self) -> bool {
        matches!(self.condition, Condition::Ended { .. } | Condition::Lost)
    }

    /// How many savepoints are open.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Whether a part of the transaction failed.
    pub fn is_marked(&self) -> bool {
        self.mark.is_some()
    }

    /// The mark that keeps the work since `depth` from committing.
    pub fn mark_at(&self, depth: u32) -> Option<Mark> {
        self.mark.clone().filter(|mark| mark.depth >= depth)
    }

    /// The first failure since all was well.
    pub fn first_failure(&self) -> Option<&Cause> {
        self.first.as_ref()
    }

    /// The conflict that is cause of, or still pending in, the condition.
    pub fn conflict(&self) -> Option<Conflict> {
        match self.condition {
            Condition::Pending(conflict) => Some(conflict),
            Condition::Aborted { conflict, .. } | Condition::Ended { conflict } => conflict,
            _ => None,
        }
    }

    fn remember(&mut self, text: &str) {
        let conflict = self.conflict();
        self.first.get_or_insert_with(|| Cause::new(text, conflict));
    }
}
