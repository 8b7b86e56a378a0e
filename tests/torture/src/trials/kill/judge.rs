//! Whether what callers were told is true of what is stored, now and after later strikes; knows no strike.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::journal::{Answer, Ended, Line};
use super::ledger::{Ledger, OPENING};
use crate::place::{Place, PlaceError};
use crate::report::{Fault, Verdict};
use crate::subject::Engine;

/// How the ledger is looked at.
pub enum Eyes<'a> {
    /// As an outsider, connected all along.
    Outsider(&'a Place),
    /// By opening a file that nobody else has open, and closing it again.
    Opening(&'a str),
}

impl Eyes<'_> {
    /// One column of text.
    pub async fn read(&self, sql: &str) -> Result<Vec<String>, PlaceError> {
        match self {
            Self::Outsider(place) => place.read(sql).await,
            Self::Opening(path) => Place::read_file(path, sql).await,
        }
    }
}

/// What is stored of a transfer.
#[derive(Clone, Debug, Default)]
struct Stored {
    lines: Vec<String>,
    audits: u32,
}

/// What a round came to beside its faults.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tried {
    /// Transfers that ended in each way.
    pub committed: u64,
    pub not_committed: u64,
    pub unknown: u64,
    /// Unknown to their callers, or with no caller any more, though COMMIT was next: and stored, or not.
    pub in_commit_stored: u64,
    pub in_commit_absent: u64,
}

impl Tried {
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "committed": self.committed,
            "not_committed": self.not_committed,
            "unknown": self.unknown,
            "in_commit_and_stored": self.in_commit_stored,
            "in_commit_and_absent": self.in_commit_absent,
        })
    }
}

/// What was said of a transfer.
#[derive(Default)]
struct Said<'l> {
    about: bool,
    ended: Option<(usize, &'l Ended)>,
}

/// A ledger under judgement, with what was found of it before.
pub struct Judge {
    pub ledger: Ledger,
    settled: HashMap<i64, bool>,
    pub tried: Tried,
}

impl Judge {
    pub fn new(ledger: Ledger) -> Self {
        Self {
            ledger,
            settled: HashMap::new(),
            tried: Tried::default(),
        }
    }

    /// Judges the transfers from this token on by their journal, whose first `struck` lines are older than the strike.
    pub async fn round(
        &mut self,
        verdict: &mut Verdict,
        eyes: &Eyes<'_>,
        journal: (&[Line], usize),
        first: i64,
        what: &str,
    ) {
        let (lines, struck) = journal;
        let mut stored = self.stored(eyes, first).await;
        let mut said: BTreeMap<i64, Said<'_>> = BTreeMap::new();
        for (index, line) in lines.iter().enumerate() {
            let said = said.entry(line.token()).or_default();
            match line {
                Line::About(_) => said.about = true,
                Line::Told(ended) => said.ended = Some((index, ended)),
            }
        }
        let tokens: BTreeSet<i64> = said.keys().chain(stored.keys()).copied().collect();
        for token in tokens {
            let found = stored.remove(&token).unwrap_or_default();
            let said = said.remove(&token).unwrap_or_default();
            self.one(verdict, token, &said, &found, struck, what);
        }
        self.sums(verdict, eyes, what).await;
    }

    fn one(
        &mut self,
        verdict: &mut Verdict,
        token: i64,
        said: &Said<'_>,
        found: &Stored,
        struck: usize,
        what: &str,
    ) {
        let transfer = self.ledger.transfer(token);
        let (all, none) = (found.lines == transfer.lines(), found.lines.is_empty());
        self.settled.insert(token, all);
        let ended = said.ended;
        let told = || format!("{what}: {transfer:?}: {ended:?}, and {found:?} is stored");
        verdict.expect(all || none, Fault::Torn, told);
        // A body that was not over has nothing to show.
        verdict.expect(none || said.about, Fault::Torn, told);
        if let Some((_, ended)) = ended {
            let (sure, in_doubt) = ended.audits;
            let audits = sure..=sure.saturating_add(in_doubt);
            let right = ended.hooks && audits.contains(&found.audits);
            verdict.expect(right, Fault::WrongHooks, told);
        }
        let in_commit = said.about && ended.is_none_or(|(_, it)| it.answer == Answer::Unknown);
        self.tried.in_commit_stored += u64::from(in_commit && all);
        self.tried.in_commit_absent += u64::from(in_commit && none);
        match ended.map(|(index, ended)| (index, ended.answer)) {
            None => {}
            Some((index, Answer::Committed)) => {
                self.tried.committed += 1;
                let fault = match index < struck {
                    true => Fault::LostAcknowledged,
                    false => Fault::FalseOk,
                };
                verdict.expect(!none, fault, told);
            }
            Some((_, Answer::NotCommitted)) => {
                self.tried.not_committed += 1;
                verdict.expect(none, Fault::FalseError, told);
            }
            Some((_, Answer::Unknown)) => {
                self.tried.unknown += 1;
                verdict.resolved();
                // Before a COMMIT there is no doubt, but for that of an independent transaction.
                let may_be = said.about || ended.is_some_and(|(_, it)| it.audits.1 > 0);
                verdict.expect(may_be, Fault::WrongAnswer, told);
            }
            // Here nothing ends a transaction by halves.
            Some((_, Answer::Partly)) => verdict.wrong(Fault::Torn, told()),
        }
    }

    /// What was found once is found again, and nothing else.
    pub async fn all(&self, verdict: &mut Verdict, eyes: &Eyes<'_>, what: &str) {
        let stored = self.stored(eyes, 0).await;
        for (token, before) in &self.settled {
            let lines = stored.get(token).map_or(&[][..], |it| &it.lines);
            let whole = lines == self.ledger.transfer(*token).lines();
            verdict.expect(!before || whole, Fault::LostAcknowledged, || {
                format!("{what}: {token} was stored, and now there is {lines:?}")
            });
            // One that was torn is told already.
            verdict.expect(*before || !whole, Fault::FalseError, || {
                format!("{what}: {token} was not stored, and is now")
            });
        }
        self.sums(verdict, eyes, what).await;
    }

    async fn stored(&self, eyes: &Eyes<'_>, first: i64) -> HashMap<i64, Stored> {
        let mut stored: HashMap<i64, Stored> = HashMap::new();
        let text = |column: &str| self.ledger.engine.text(column);
        let columns = ["token", "line", "account", "amount"].map(text);
        let sql = match self.ledger.engine {
            Engine::MySql => format!("CONCAT_WS(' ', {})", columns.join(", ")),
            _ => columns.join(" || ' ' || "),
        };
        let sql = format!("SELECT {sql} FROM entries WHERE token >= {first} ORDER BY token, line");
        for row in eyes.read(&sql).await.expect("read the entries") {
            let (token, line) = row.split_once(' ').expect("four columns");
            let stored = stored.entry(token.parse().expect("a token")).or_default();
            stored.lines.push(line.to_owned());
        }
        let token = text("token");
        let sql = format!("SELECT {token} FROM audits WHERE token >= {first}");
        for row in eyes.read(&sql).await.expect("read the audits") {
            let stored = stored.entry(row.parse().expect("a token")).or_default();
            stored.audits += 1;
        }
        stored
    }

    /// Every account has what its entries say, and all of them together what they had at first.
    async fn sums(&self, verdict: &mut Verdict, eyes: &Eyes<'_>, what: &str) {
        let text = |expression: &str| self.ledger.engine.text(expression);
        let off = format!(
            "SELECT {} FROM accounts WHERE balance <> {OPENING} + \
             (SELECT coalesce(sum(amount), 0) FROM entries WHERE account = accounts.id) \
             UNION ALL SELECT {} FROM accounts HAVING sum(balance) <> {OPENING} * count(*)",
            text("id"),
            text("sum(balance)")
        );
        let off = eyes.read(&off).await.expect("read the sums");
        verdict.expect(off.is_empty(), Fault::Torn, || {
            format!("{what}: the ledger is off: {off:?}")
        });
    }
}
