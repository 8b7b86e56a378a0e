//! What kind of error a caller met: where, and by which number of the server's, by its words; knows no call.

use crate::subject::{Failure, Told};

/// The words of errors that a cluster gives, and their numbers: Diesel shows no other.
const NUMBERS: [(&str, &str); 18] = [
    ("Deadlock found", "1213"),
    ("Record has changed", "1020"),
    ("Lock wait timeout", "1205"),
    ("SAVEPOINT txk_", "1305"),
    ("Not connected to Primary", "1180"),
    ("WSREP has not yet prepared", "1047"),
    ("WSREP detected deadlock", "1213"),
    ("max_statement_time", "1969"),
    ("Query execution was interrupted", "1317"),
    ("Connection was killed", "1927"),
    ("Server shutdown", "1053"),
    ("Duplicate entry", "1062"),
    ("Lost connection", "2013"),
    ("Input/output error", "2013"),
    ("error communicating", "2013"),
    ("gone away", "2006"),
    ("Connection refused", "refused"),
    ("imed out", "timed out"),
];

/// For instance `COMMIT 1213`.
pub fn kind(told: &Told) -> Option<String> {
    let failure = told.failure()?;
    Some(format!("{} {}", place(told, failure), number(failure)))
}

/// Whether it is the end of a transaction that lost against another node's, whatever txkit takes it for.
pub fn is_conflict(failure: &Failure) -> bool {
    failure.conflict().is_some() || ["1213", "1020", "1305"].contains(&number(failure).as_str())
}

fn place(told: &Told, failure: &Failure) -> &'static str {
    use txkit::Error;

    match failure.tx() {
        _ if told.is_unknown() => "unknown",
        None => "statement",
        Some(Error::Acquire { .. }) => "pool",
        Some(Error::Begin { .. }) => "BEGIN",
        Some(Error::Commit { .. }) => "COMMIT",
        Some(Error::Savepoint { .. }) => "savepoint",
        Some(Error::Ended { .. }) => "ended",
        Some(Error::Poisoned { .. }) => "poisoned",
        Some(Error::RollbackOnly { .. }) => "marked",
        Some(Error::Timeout { .. }) => "timeout",
        Some(_) => "other",
    }
}

fn number(failure: &Failure) -> String {
    let text = failure.to_string();
    let known = NUMBERS.iter().find(|(words, _)| text.contains(words));
    match known {
        Some((_, number)) => (*number).to_owned(),
        None => format!("`{text}`"),
    }
}
