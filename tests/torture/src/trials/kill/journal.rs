//! What callers were told, in the order they were told it, outside of the database; knows no database.

use std::fmt;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard};

use tokio::sync::Notify;

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Committed,
    NotCommitted,
    Unknown,
    Partly,
}

impl Answer {
    const ALL: [Self; 4] = [
        Self::Committed,
        Self::NotCommitted,
        Self::Unknown,
        Self::Partly,
    ];
}

/// A call that has returned.
#[derive(Clone, Debug)]
pub struct Ended {
    pub token: i64,
    pub answer: Answer,
    /// Independent transactions that were told committed, and those in doubt.
    pub audits: (u32, u32),
    /// Whether the hooks that ran are those of the answer.
    pub hooks: bool,
    /// Hooks and error, in words.
    pub why: String,
}

/// An entry of a journal.
#[derive(Clone, Debug)]
pub enum Line {
    /// A body is done: COMMIT comes next.
    About(i64),
    Told(Ended),
}

impl Line {
    pub fn token(&self) -> i64 {
        match self {
            Self::About(token) => *token,
            Self::Told(ended) => ended.token,
        }
    }

    /// Reads what its `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.splitn(7, ' ');
        let kind = words.next()?;
        let token = words.next()?.parse().ok()?;
        if kind == "about" {
            return Some(Self::About(token));
        }
        let answer = words.next()?;
        Some(Self::Told(Ended {
            token,
            answer: Answer::ALL
                .into_iter()
                .find(|it| format!("{it:?}") == answer)?,
            audits: (words.next()?.parse().ok()?, words.next()?.parse().ok()?),
            hooks: words.next()?.parse().ok()?,
            why: words.next()?.to_owned(),
        }))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::About(token) => write!(f, "about {token}"),
            Self::Told(it) => write!(
                f,
                "told {} {:?} {} {} {} {}",
                it.token,
                it.answer,
                it.audits.0,
                it.audits.1,
                it.hooks,
                it.why.replace('\n', " ")
            ),
        }
    }
}

/// Where callers say what they were told.
pub trait Witness: Send + Sync {
    fn note(&self, line: Line);
}

/// A journal in this process.
#[derive(Debug, Default)]
pub struct Journal {
    lines: Mutex<Vec<Line>>,
    about: Notify,
}

impl Journal {
    pub fn len(&self) -> usize {
        self.lines().len()
    }

    /// Takes all that was noted since the last time.
    pub fn take(&self) -> Vec<Line> {
        std::mem::take(&mut *self.lines())
    }

    /// Waits until somebody is about to commit.
    pub async fn about(&self) {
        self.about.notified().await;
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Line>> {
        self.lines.lock().expect("nobody panics with it")
    }
}

impl Witness for Journal {
    fn note(&self, line: Line) {
        let about = matches!(line, Line::About(_));
        self.lines().push(line);
        if about {
            self.about.notify_waiters();
        }
    }
}

/// A journal that another process reads, which outlives this one.
#[derive(Debug)]
pub struct Pipe;

impl Witness for Pipe {
    fn note(&self, line: Line) {
        let text = format!("{line}\n");
        let mut out = std::io::stdout().lock();
        // At once and whole, so that it is there whatever happens next.
        if out.write_all(text.as_bytes()).is_err() || out.flush().is_err() {
            // Nobody reads it any more.
            std::process::exit(0);
        }
    }
}
