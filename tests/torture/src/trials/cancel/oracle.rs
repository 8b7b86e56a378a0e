//! What must be true of a call that may have been cancelled: of its rows, its answer and its hooks; looks at no database.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::dropping::End;
use super::functions::{Case, Ending, Fate};
use crate::report::Fault;
use crate::subject::Told;

/// What must not be.
pub type Findings = Vec<(Fault, String)>;

/// Compares what a call stored with what it told.
pub fn judge(case: &Case, rows: &BTreeSet<u32>, end: &End<Told>, ending: Ending) -> Findings {
    let mut found = Findings::new();
    let stored = match case.stored(rows) {
        Ok((whole, _)) => whole,
        Err(torn) => {
            found.push((Fault::Torn, torn));
            return found;
        }
    };
    match (end, ending) {
        (End::Dropped, Ending::Commits) => {}
        (End::Dropped, Ending::Refuses | Ending::Panics) if !stored => {}
        (End::Dropped, _) => found.push((Fault::Torn, "what had failed is stored".to_owned())),
        (End::Returned(Told::Committed(_)), Ending::Commits) => {
            if !stored && !case.whole.is_empty() {
                found.push((Fault::FalseOk, "`Ok`, and nothing is stored".to_owned()));
            }
        }
        (End::Returned(Told::Committed(_)), _) => {
            found.push((Fault::FalseOk, "`Ok`, though its body failed".to_owned()));
        }
        (End::Returned(told), _) => {
            if stored && matches!(told, Told::NotCommitted(_)) {
                found.push((Fault::FalseError, format!("it is stored: {told:?}")));
            } else if ending != Ending::Refuses || !matches!(told, Told::NotCommitted(_)) {
                found.push((Fault::WrongAnswer, format!("{told:?}")));
            }
        }
        (End::Panicked, Ending::Panics) if !stored => {}
        (End::Panicked, _) => found.push((Fault::WrongAnswer, "it panicked".to_owned())),
    }
    found
}

/// Waits until the hooks have run that must, and compares their counts with what is stored.
pub async fn judge_hooks(
    case: &Case,
    rows: &BTreeSet<u32>,
    is_over: bool,
    patience: Duration,
) -> Findings {
    let Ok((whole, alone)) = case.stored(rows) else {
        return Findings::new();
    };
    let mut found = Findings::new();
    for (fate, tally) in &case.watched {
        let stored = match fate {
            Fate::Whole => whole,
            Fate::Alone => alone,
            Fate::Undone => false,
        };
        let start = Instant::now();
        // After a cancellation they run in a task of their own.
        while let Some(wrong) = wrong_hooks(tally.counts(), stored, is_over) {
            if wrong.is_final || start.elapsed() > patience {
                found.push((Fault::WrongHooks, format!("{fate:?}: {}", wrong.what)));
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    found
}

struct Wrong {
    what: String,
    is_final: bool,
}

/// What is wrong with the hooks of a transaction that is stored, or is not, and whose call was waited for, or was not.
fn wrong_hooks(counts: [u32; 4], stored: bool, is_over: bool) -> Option<Wrong> {
    let [bodies, committed, rolled_back, unknown] = counts;
    let ended = committed + rolled_back + unknown;
    let rule = if committed + unknown > 1 {
        "more than one outcome"
    } else if ended > bodies {
        "more outcomes than attempts"
    } else if committed > 0 && !stored {
        "committed, and nothing is stored"
    } else if stored && bodies > 0 && committed + unknown == 0 {
        "stored, and no hook ran"
    } else if is_over && unknown > 0 {
        "unknown, though nothing was cancelled"
    } else if is_over && ended < bodies {
        "an attempt without an outcome"
    } else {
        return None;
    };
    Some(Wrong {
        what: format!(
            "{rule}: {bodies} bodies, {committed} committed, {rolled_back} rolled back, {unknown} unknown"
        ),
        is_final: ended > bodies || committed + unknown > 1 || (committed > 0 && !stored),
    })
}

#[cfg(test)]
mod tests {
    use super::wrong_hooks;

    #[test]
    fn hooks_agree_with_what_is_stored() {
        let rows = [
            ([1, 1, 0, 0], true, true, true),
            ([3, 1, 2, 0], true, true, true),
            ([1, 0, 0, 1], true, false, true),
            ([1, 0, 0, 0], false, false, true),
            ([1, 0, 0, 0], true, false, false),
            ([1, 1, 0, 0], false, false, false),
            ([1, 2, 0, 0], true, true, false),
            ([1, 0, 1, 1], false, false, false),
            ([1, 0, 0, 1], false, true, false),
        ];
        for (counts, stored, is_over, is_right) in rows {
            let wrong = wrong_hooks(counts, stored, is_over);
            assert_eq!(wrong.is_none(), is_right, "{counts:?}");
        }
    }
}
