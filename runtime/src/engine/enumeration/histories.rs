//! Every history of an open transaction, up to a length, judged by the engine and by a model of the database.

use super::super::{Attempt, Standing};
use crate::conflict::{Conflict, Damage, Failure};
use crate::definition::Definition;
use crate::error::Cause;

/// What can happen to an open transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Succeeds,
    /// A statement fails with this damage; whether it was a conflict.
    Fails(Damage, bool),
    IsDropped,
    Nests,
    Releases,
    Undoes,
    IsMarked,
}

const MOVES: [Move; 13] = [
    Move::Succeeds,
    Move::Fails(Damage::None, false),
    Move::Fails(Damage::Statement, false),
    Move::Fails(Damage::Statement, true),
    Move::Fails(Damage::Aborted, false),
    Move::Fails(Damage::Aborted, true),
    Move::Fails(Damage::Ended, true),
    Move::Fails(Damage::Lost, false),
    Move::IsDropped,
    Move::Nests,
    Move::Releases,
    Move::Undoes,
    Move::IsMarked,
];

/// A database that is told the same moves: would it commit?
#[derive(Clone, Copy, Debug, Default)]
struct Database {
    depth: u32,
    aborted: Option<u32>,
    gone: bool,
    running: bool,
    /// The last statement that reached it lost a conflict.
    pending: bool,
}

static FUNCTION: Definition = Definition::new("f", "f.rs", 1);

/// Applies a move to both, if a database in that condition can make it.
fn apply(moved: Move, database: &mut Database, attempt: &mut Attempt) -> bool {
    let works = database.aborted.is_none() && !database.gone && !database.running;
    match moved {
        Move::Succeeds if works => {
            attempt.sent();
            attempt.succeeded();
            database.pending = false;
        }
        // A savepoint command of ours, which goes out all the same.
        Move::Fails(damage @ Damage::Statement, conflict) if database.gone => {
            let conflict = conflict.then_some(Conflict::Deadlock);
            attempt.failed(Failure { damage, conflict }, || {
                "no such savepoint".to_owned()
            });
        }
        Move::Fails(damage, conflict) if !database.gone && !database.running => {
            if damage == Damage::Statement && database.aborted.is_some() {
                return false;
            }
            let conflict = conflict.then_some(Conflict::Deadlock);
            attempt.sent();
            attempt.failed(Failure { damage, conflict }, || "failed".to_owned());
            match damage {
                Damage::Statement => database.pending |= conflict.is_some(),
                Damage::Aborted if database.aborted.is_none() => {
                    database.aborted = Some(database.depth);
                    database.pending = conflict.is_some();
                }
                Damage::Ended | Damage::Lost => database.gone = true,
                _ => {}
            }
        }
        Move::IsDropped if works => {
            attempt.sent();
            attempt.dropped();
            database.running = true;
        }
        Move::Nests if works => {
            database.depth += 1;
            assert_eq!(attempt.nested(), database.depth);
        }
        Move::Releases if works && database.depth > 0 => {
            attempt.released(database.depth);
            database.depth -= 1;
        }
        Move::Undoes if database.depth > 0 && !database.gone && !database.running => {
            attempt.undone(database.depth);
            database.aborted = database.aborted.filter(|since| *since < database.depth);
            database.depth -= 1;
        }
        Move::IsMarked => attempt.mark(&FUNCTION, Cause::new("marked", None)),
        _ => return false,
    }
    true
}

fn check_attempt(database: Database, attempt: &Attempt) {
    let standing = attempt.standing(0);
    let sound = database.aborted.is_none() && !database.gone && !database.running;
    let says_sound = matches!(
        standing,
        Standing::Sound | Standing::Pending(_) | Standing::Marked(_)
    );
    assert_eq!(says_sound, sound, "{database:?} {attempt:?}");
    assert_eq!(
        attempt.refusal().is_some(),
        database.gone || database.running
    );
    if sound && attempt.is_marked() {
        assert!(
            matches!(standing, Standing::Marked(_)),
            "a mark is not forgotten: {attempt:?}"
        );
    }
    if sound && !attempt.is_marked() {
        assert_eq!(
            matches!(standing, Standing::Pending(_)),
            database.pending,
            "{attempt:?}"
        );
    }
    if !sound {
        assert!(attempt.first_failure().is_some(), "the first cause is kept");
    }
}

#[test]
fn every_history_of_a_transaction_is_judged_as_the_database_would() {
    fn walk(moves: &mut Vec<Move>, left: u32) -> u64 {
        let (mut database, mut attempt) = (Database::default(), Attempt::new());
        for moved in moves.iter() {
            if !apply(*moved, &mut database, &mut attempt) {
                return 0;
            }
        }
        check_attempt(database, &attempt);
        let mut histories = 1;
        if left > 0 {
            for moved in MOVES {
                moves.push(moved);
                histories += walk(moves, left - 1);
                moves.pop();
            }
        }
        histories
    }
    // An interpreter takes hours for what takes a second otherwise.
    let (length, enough) = if cfg!(miri) { (3, 500) } else { (6, 100_000) };
    let histories = walk(&mut Vec::new(), length);
    assert!(histories > enough, "{histories}");
}

#[test]
fn a_mark_goes_with_its_savepoint() {
    let mut attempt = Attempt::new();
    attempt.nested();
    attempt.mark(&FUNCTION, Cause::new("inner", None));
    assert_eq!(attempt.standing(1), Standing::Marked(None));
    attempt.undone(1);
    assert_eq!(attempt.standing(0), Standing::Sound);
    attempt.nested();
    attempt.mark(&FUNCTION, Cause::new("inner", None));
    attempt.released(1);
    assert_eq!(attempt.standing(0), Standing::Marked(None));
}
