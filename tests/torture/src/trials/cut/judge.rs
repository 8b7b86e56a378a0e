//! Whether what a caller was told is true of what is stored; knows no wire.

use super::functions::Call;
use crate::place::Place;
use crate::report::{Fault, Verdict};
use crate::subject::Told;

/// What is stored of a call: its rows, and those of the independent transaction inside of it.
#[derive(Debug)]
pub struct Found {
    rows: Vec<i64>,
    other: Vec<i64>,
}

/// Looks as an outsider.
pub async fn look(place: &Place, call: &Call) -> Found {
    Found {
        rows: stored(place, "told", call.token).await,
        other: stored(place, "other", call.token).await,
    }
}

async fn stored(place: &Place, table: &str, token: i64) -> Vec<i64> {
    let n = place.engine().text("n");
    let sql = format!("SELECT {n} FROM {table} WHERE token = {token} ORDER BY n");
    let rows = place.read(&sql).await.expect("read the rows");
    rows.iter().map(|n| n.parse().expect("a number")).collect()
}

/// `Ok` implies stored, an error other than unknown implies not stored, hooks ran exactly when committed.
pub fn judge(verdict: &mut Verdict, call: &Call, told: &Told, found: Found, what: &str) {
    let all = found.rows == call.rows;
    let none = found.rows.is_empty();
    let told_what = || format!("{what}: {told:?}, and {found:?} is stored");
    verdict.expect(all || none, Fault::Torn, told_what);
    match told {
        Told::Committed(_) => verdict.expect(all, Fault::FalseOk, told_what),
        Told::NotCommitted(_) => verdict.expect(none, Fault::FalseError, told_what),
        Told::Unknown(_) => verdict.resolved(),
        Told::Partly(_) => verdict.wrong(Fault::WrongAnswer, told_what()),
    }
    hooks(verdict, call, told, what);
    if let Some((rows, tally)) = &call.other {
        let [bodies, committed, rolled_back, unknown] = tally.counts();
        let consistent = match [committed, rolled_back, unknown] {
            [1, 0, 0] => found.other == *rows,
            [0, 1, 0] => found.other.is_empty(),
            [0, 0, 1] => true,
            [0, 0, 0] => bodies == 0 && found.other.is_empty(),
            _ => false,
        };
        verdict.expect(consistent, Fault::WrongHooks, || {
            format!(
                "{what}: inside, hooks {:?}, and {found:?} is stored",
                tally.counts()
            )
        });
    }
}

fn hooks(verdict: &mut Verdict, call: &Call, told: &Told, what: &str) {
    let counts = call.tally.counts();
    let [bodies, committed, rolled_back, unknown] = counts;
    // The independent transaction's doubt may be all there is to an unknown outcome.
    let ended_so = match told {
        Told::Committed(_) => (committed, unknown) == (1, 0),
        Told::NotCommitted(_) | Told::Partly(_) => (committed, unknown) == (0, 0),
        Told::Unknown(_) if call.other.is_some() => committed == 0,
        Told::Unknown(_) => (committed, unknown) == (0, 1),
    };
    let each_once = committed + rolled_back + unknown == bodies;
    verdict.expect(ended_so && each_once, Fault::WrongHooks, || {
        format!("{what}: {told:?}, and hooks {counts:?}")
    });
    verdict.expect(bodies <= call.bodies, Fault::Torn, || {
        format!("{what}: the body ran {bodies} times")
    });
}
