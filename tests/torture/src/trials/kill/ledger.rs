//! Accounts, and transfers between them: what each of them does and stores follows from its token; knows no fault.

use std::sync::Arc;

use super::journal::{Answer, Ended, Line, Witness};
use crate::script::{Level, Script, Shape, Step, Tally};
use crate::seed::Seed;
use crate::subject::{Engine, Subject, Told};

/// How many accounts there are, with so much in each at first.
pub const ACCOUNTS: i64 = 12;
pub const OPENING: i64 = 1000;

/// The transfers of one adapter.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub engine: Engine,
    name: String,
    seed: Seed,
}

/// How the parts of a transfer are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Flat,
    /// The second half is a function that joins.
    Joined,
    /// The second half is behind a savepoint.
    Nested,
    /// A savepoint is undone first.
    InVain,
    /// A line in another table is committed on its own, in between.
    Audited,
}

/// An entry of the ledger: an account, and what it gets.
type Entry = (i64, i64);

/// A transfer.
#[derive(Clone, Debug)]
pub struct Transfer {
    pub token: i64,
    shape: Shape,
    form: Form,
    entries: [Entry; 2],
    /// Whether its body fails in the end.
    refuses: bool,
}

/// A call that makes a transfer, and what watches it.
pub struct Call {
    pub shape: Shape,
    pub script: Script,
    token: i64,
    tally: Arc<Tally>,
    audit: Arc<Tally>,
}

impl Ledger {
    pub fn of(subject: &dyn Subject, seed: Seed) -> Self {
        Self {
            engine: subject.engine(),
            name: subject.name(),
            seed,
        }
    }

    /// Statements that make it.
    pub fn tables() -> String {
        let accounts = (1..=ACCOUNTS).map(|id| format!("({id}, {OPENING})"));
        let accounts = accounts.collect::<Vec<_>>().join(", ");
        // No key keeps a transfer from being stored twice: that is for the judge to find.
        format!(
            "CREATE TABLE accounts (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL); \
             CREATE TABLE entries (token BIGINT NOT NULL, line BIGINT NOT NULL, account BIGINT NOT NULL, \
                amount BIGINT NOT NULL); \
             CREATE INDEX entries_token ON entries (token); \
             CREATE TABLE audits (token BIGINT NOT NULL); \
             CREATE INDEX audits_token ON audits (token); \
             INSERT INTO accounts VALUES {accounts};"
        )
    }

    /// The transfer of a token.
    pub fn transfer(&self, token: i64) -> Transfer {
        let mut rng = self.seed.of(format!("kill {} {token}", self.name));
        let forms = match self.engine {
            // It takes no second writer beside a first.
            Engine::Sqlite => &FORMS[..FORMS.len() - 1],
            _ => &FORMS,
        };
        let shape = [
            Shape::Plain,
            Shape::Plain,
            Shape::Retried,
            Shape::Retried,
            Shape::RetriedAt(Level::Serializable),
        ];
        let (one, amount) = (rng.i64(1..=ACCOUNTS), rng.i64(1..=50));
        let other = (one + rng.i64(0..ACCOUNTS - 1)) % ACCOUNTS + 1;
        // Most lock in the same order, few meet a deadlock.
        let (first, second) = match rng.u8(..20) {
            0 => (one, other),
            _ => (one.min(other), one.max(other)),
        };
        let amount = if rng.bool() { amount } else { -amount };
        Transfer {
            token,
            shape: shape[rng.usize(..shape.len())],
            form: forms[rng.usize(..forms.len())],
            entries: [(first, -amount), (second, amount)],
            refuses: rng.u8(..12) == 0,
        }
    }
}

const FORMS: [Form; 5] = [
    Form::Flat,
    Form::Joined,
    Form::Nested,
    Form::InVain,
    Form::Audited,
];

impl Transfer {
    /// What is stored of it, in order, once it is committed.
    pub fn lines(&self) -> Vec<String> {
        let entries = (1..).zip(self.entries);
        entries
            .map(|(line, (account, amount))| format!("{line} {account} {amount}"))
            .collect()
    }

    pub fn call(&self, witness: &Arc<dyn Witness>) -> Call {
        let (tally, audit) = (Arc::<Tally>::default(), Arc::<Tally>::default());
        let token = self.token;
        let mut steps = vec![Step::Watch(tally.clone())];
        let second = self.half(2);
        if self.form == Form::InVain {
            let undone = [Step::run(self.insert(3)), Step::Refuse];
            steps.push(Step::attempt(Shape::Nested, undone));
        }
        steps.extend(self.half(1));
        match self.form {
            Form::Flat | Form::InVain => steps.extend(second),
            Form::Joined => steps.push(Step::call(Shape::Plain, second)),
            Form::Nested => steps.push(Step::call(Shape::Nested, second)),
            Form::Audited => {
                let line = Step::run(format!("INSERT INTO audits VALUES ({token})"));
                let apart = [Step::Watch(audit.clone()), line];
                steps.push(Step::call(Shape::RequiresNew, apart));
                steps.extend(second);
            }
        }
        steps.push(match self.refuses {
            true => Step::Refuse,
            false => about(witness.clone(), token),
        });
        Call {
            shape: self.shape,
            script: steps.into(),
            token,
            tally,
            audit,
        }
    }

    fn half(&self, line: usize) -> Vec<Step> {
        let (account, amount) = self.entries[line - 1];
        let update =
            format!("UPDATE accounts SET balance = balance + ({amount}) WHERE id = {account}");
        vec![Step::run(update), Step::run(self.insert(line))]
    }

    fn insert(&self, line: usize) -> String {
        // A third one is undone.
        let (account, amount) = self.entries[(line - 1) % 2];
        format!(
            "INSERT INTO entries VALUES ({}, {line}, {account}, {amount})",
            self.token
        )
    }
}

fn about(witness: Arc<dyn Witness>, token: i64) -> Step {
    Step::then(move |_| {
        witness.note(Line::About(token));
        Vec::new()
    })
}

impl Call {
    /// What it came to.
    pub fn ended(&self, told: &Told) -> Line {
        let answer = match told {
            Told::Committed(_) => Answer::Committed,
            Told::NotCommitted(_) => Answer::NotCommitted,
            Told::Unknown(_) => Answer::Unknown,
            Told::Partly(_) => Answer::Partly,
        };
        let [_, committed, _, unknown] = self.audit.counts();
        let hooks = self.tally.counts();
        let why = told.failure().map(ToString::to_string).unwrap_or_default();
        Line::Told(Ended {
            token: self.token,
            answer,
            audits: (committed, unknown),
            hooks: self.are_hooks_right(answer),
            why: format!("hooks {hooks:?} {why}"),
        })
    }

    /// Said before anything has happened, as only a saboteur does.
    pub fn said_too_early(&self) -> Line {
        Line::Told(Ended {
            token: self.token,
            answer: Answer::Committed,
            audits: (0, u32::MAX),
            hooks: true,
            why: "too early".to_owned(),
        })
    }

    fn are_hooks_right(&self, answer: Answer) -> bool {
        let [bodies, committed, rolled_back, unknown] = self.tally.counts();
        let in_doubt_apart = self.audit.counts()[3] > 0;
        let ended_so = match answer {
            Answer::Committed => (committed, unknown) == (1, 0),
            Answer::NotCommitted | Answer::Partly => (committed, unknown) == (0, 0),
            // The independent transaction's doubt may be all there is to it.
            Answer::Unknown if in_doubt_apart => committed == 0,
            Answer::Unknown => (committed, unknown) == (0, 1),
        };
        ended_so && committed + rolled_back + unknown == bodies
    }
}
