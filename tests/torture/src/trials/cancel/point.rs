//! One function, cancelled at one moment after another; chooses no moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bench::{Bench, Rows};
use super::company::Company;
use super::dropping::{End, Moment, drop_at};
use super::functions::{Case, Function};
use super::oracle::{Findings, judge, judge_hooks};
use crate::report::{Fault, Verdict};
use crate::subject::{Client, Told};

/// Calls of one function after another, and what is left to be looked at once all are over.
pub struct Bout<'b> {
    bench: &'b Bench,
    function: Function,
    /// Who is tortured, for messages.
    name: String,
    pools: BTreeMap<u32, Arc<dyn Client>>,
    past: Vec<Past>,
    first: u64,
    pub tale: Tale,
}

/// What came of the calls that were dropped, and of conflicts.
#[derive(Default)]
pub struct Tale {
    /// COMMIT had been sent.
    pub dropped_and_stored: u64,
    /// They had more than one attempt.
    pub replayed: u64,
    /// Attempts of which no hook tells how they ended: their caller was gone.
    pub untold: u64,
}

struct Past {
    /// Nothing was found when it was looked at first.
    is_sound: bool,
    token: u64,
    case: Case,
    end: End<Told>,
    what: String,
}

/// How one call went.
pub struct Went {
    pub was_dropped: bool,
    pub polls: u32,
    pub took: Duration,
    /// The worst: a trial that meets many of these has no time for others.
    pub is_stuck: bool,
}

impl<'b> Bout<'b> {
    pub fn new(bench: &'b Bench, name: String) -> Self {
        Self {
            bench,
            function: Function::Plain,
            name,
            pools: BTreeMap::new(),
            past: Vec::new(),
            first: 0,
            tale: Tale::default(),
        }
    }

    /// Another function is the next, on the same pools.
    pub fn turn_to(&mut self, function: Function) {
        self.function = function;
        self.first += 2 * self.past.len() as u64;
        self.past.clear();
    }

    /// Calls it on a pool of this size, cancels it, and looks.
    pub async fn point(&mut self, moment: Moment, size: u32, verdict: &mut Verdict) -> Went {
        let (bench, function) = (self.bench, self.function);
        let token = self.first + 2 * self.past.len() as u64;
        let what = format!("{} {function:?}, pool of {size}, {moment}", self.name);
        let client = self.pool(size).await;
        let case = function.case(bench.engine(), token);
        let call = async {
            let (pool, outsider) = ((&client, size), &bench.outsider);
            let company = Company::of(function, &case, token, bench.engine(), pool, outsider).await;
            let start = Instant::now();
            let call = client.call(case.shape, case.script.clone());
            bench.slow(matches!(moment, Moment::After(_)));
            let (end, polls) = drop_at(moment, call).await;
            bench.slow(false);
            (end, polls, start.elapsed(), company.leaves().await)
        };
        let called = tokio::time::timeout(bench.patience(), call).await;
        let Ok((end, polls, took, others)) = called else {
            verdict.wrong(Fault::Hang, &what);
            self.pools.clear();
            return Went {
                was_dropped: true,
                polls: 0,
                took: bench.patience(),
                is_stuck: true,
            };
        };
        let mut found = self.look(&client, size, token).await;
        let rows = bench.rows(token).await;
        found.extend(judge_next(&found, &rows, token));
        found.extend(judge_others(others, &rows, token));
        let own = own(&rows, token);
        let is_over = !matches!(end, End::Dropped);
        found.extend(judge(&case, &own, &end, function.ending()));
        found.extend(judge_hooks(&case, &own, is_over, Duration::from_secs(3)).await);
        let stuck = |fault: &Fault| matches!(fault, Fault::Hang | Fault::LeakedConnection);
        let is_stuck = found.iter().any(|(fault, _)| stuck(fault));
        if is_stuck {
            self.pools.clear();
        }
        let past = Past {
            is_sound: found.is_empty(),
            token,
            case,
            end,
            what,
        };
        tell(verdict, found, &past.what);
        self.past.push(past);
        Went {
            was_dropped: !is_over,
            polls,
            took,
            is_stuck,
        }
    }

    /// A pool of this size: one that has all its connections, unless connecting is the point.
    async fn pool(&mut self, size: u32) -> Arc<dyn Client> {
        if self.function == Function::Connecting {
            return self.bench.pool(size);
        }
        let new = || self.bench.pool(size);
        self.pools.entry(size).or_insert_with(new).clone()
    }

    /// The next call and the next borrowers, by turn one or the other first: each would hide some things from the other.
    async fn look(&self, client: &Arc<dyn Client>, size: u32, token: u64) -> Findings {
        let bench = self.bench;
        if token % 4 < 2 {
            let mut found = bench.next(client, token + 1).await;
            found.extend(bench.leftovers(client, size).await);
            found
        } else {
            let mut found = bench.leftovers(client, size).await;
            found.extend(bench.next(client, token + 1).await);
            found
        }
    }

    /// Looks at all calls once more, when nothing is on its way any more.
    pub async fn close(&mut self, verdict: &mut Verdict) {
        let open = self.bench.all_open().await;
        verdict.expect(open.is_empty(), Fault::LeakedTransaction, || {
            format!("{} {:?}, in the end: {open:?}", self.name, self.function)
        });
        let rows = self.bench.rows(self.first).await;
        for past in self.past.iter().filter(|past| past.is_sound) {
            let own = own(&rows, past.token);
            let is_over = !matches!(past.end, End::Dropped);
            self.tale.add(&past.case, &own, is_over);
            let mut found = judge(&past.case, &own, &past.end, self.function.ending());
            found.extend(judge_hooks(&past.case, &own, is_over, Duration::from_secs(3)).await);
            tell(verdict, found, &format!("{}, in the end", past.what));
        }
    }
}

impl Tale {
    fn add(&mut self, case: &Case, rows: &BTreeSet<u32>, is_over: bool) {
        let counts = case.watched.iter().map(|(_, tally)| tally.counts());
        let counts: Vec<_> = counts.collect();
        self.replayed += u64::from(counts.iter().any(|[bodies, ..]| *bodies > 1));
        if !is_over {
            self.dropped_and_stored += u64::from(case.stored(rows).is_ok_and(|(whole, _)| whole));
            let untold = counts
                .iter()
                .map(|[bodies, ended @ ..]| u64::from(bodies.saturating_sub(ended.iter().sum())));
            self.untold += untold.sum::<u64>();
        }
    }
}

/// The next call was told that it is stored, unless something was found.
fn judge_next(found: &Findings, rows: &Rows, token: u64) -> Findings {
    let is_told = !found
        .iter()
        .any(|(_, what)| what.starts_with("the next call"));
    match rows.get(&(token + 1)).map_or(0, BTreeSet::len) {
        1 => vec![(Fault::Torn, "the next call is stored by half".to_owned())],
        0 if is_told => vec![(Fault::FalseOk, "the next call is not stored".to_owned())],
        _ => Findings::new(),
    }
}

/// Those whom nobody cancelled.
fn judge_others(others: Vec<(&'static [u32], Told)>, rows: &Rows, token: u64) -> Findings {
    let mut found = Findings::new();
    let stored = rows.get(&token).cloned().unwrap_or_default();
    for (parts, told) in others {
        if !told.is_committed() {
            found.push((Fault::WrongAnswer, format!("another call: {told:?}")));
        } else if !parts.iter().all(|part| stored.contains(part)) {
            found.push((Fault::FalseOk, "another call is not stored".to_owned()));
        }
    }
    found
}

/// The rows of the call itself, without those of its company.
fn own(rows: &Rows, token: u64) -> BTreeSet<u32> {
    let rows = rows.get(&token).into_iter().flatten().copied();
    rows.filter(|part| *part < 20).collect()
}

fn tell(verdict: &mut Verdict, found: Findings, what: &str) {
    for (fault, how) in found {
        verdict.wrong(fault, format!("{what}: {how}"));
    }
}
