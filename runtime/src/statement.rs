//! Tells from its text whether a statement may go through a transaction's handle; knows nothing of drivers, handles and what a server answered.
//!
//! It reads the head of every statement in the text and nothing else, so it is quick, and it is a courtesy:
//! what it cannot see (stored code, a server with unusual quoting rules) is found when the commit is verified.

mod lexer;
mod rules;
#[cfg(test)]
mod tests;

use std::fmt;

use lexer::{Lexer, Token};
use rules::{Effect, Rule};

/// Whose SQL the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialect {
    Postgres,
    /// MySQL and MariaDB.
    MySql,
    Sqlite,
}

/// What the text of a statement says about the transaction it is sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screened {
    /// Leaves the transaction as it is, unless it fails.
    Plain,
    /// Runs code that the text does not show and that may end the transaction: look afterwards.
    Opaque,
    /// Begins, ends, commits or changes the transaction: not to be sent.
    Refused(Refused),
}

/// Why a statement is not sent, and the words of it that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) reason: Reason,
    pub(crate) keywords: Keywords,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// `COMMIT`, `SAVEPOINT`, `SET TRANSACTION`: what the handle itself does.
    TransactionControl,
    /// The server commits before it runs this (data definition on MySQL and MariaDB).
    ImplicitCommit,
}

impl Refused {
    /// What to do instead.
    pub(crate) fn remedy(self) -> &'static str {
        match self.reason {
            Reason::TransactionControl => {
                "txkit begins, commits and rolls back; use an annotated function, `propagation = nested`, or \
                 `set_rollback_only`"
            }
            Reason::ImplicitCommit => {
                "the server would commit the open transaction first; run it outside, on the pool"
            }
        }
    }
}

/// The offending words, written as `START TRANSACTION`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keywords(&'static str);

impl fmt::Display for Keywords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, word) in self
            .0
            .split(' ')
            .filter(|w| !w.starts_with('?'))
            .enumerate()
        {
            f.write_str(if n == 0 { "" } else { " " })?;
            f.write_str(word)?;
        }
        Ok(())
    }
}

/// Screens every statement in `sql`; the first one refused decides, else whether any is opaque.
pub(crate) fn screen(sql: &str, dialect: Dialect) -> Screened {
    let mut lexer = Lexer::new(sql, dialect);
    let (mut found, mut body) = classify(&mut lexer);
    // Without a semicolon there is one statement, and its head has said all.
    if !sql.contains(';') {
        return found;
    }
    while !matches!(found, Screened::Refused(_)) && skip(&mut lexer, body) {
        let (next, next_body) = classify(&mut lexer);
        body = next_body;
        if next != Screened::Plain {
            found = next;
        }
    }
    found
}

/// The words that open a body with statements of its own, in a statement that may have one.
type Body = Option<&'static [&'static str]>;

/// Judges the statement that starts here by its head; leaves the lexer somewhere inside it.
fn classify(lexer: &mut Lexer<'_>) -> (Screened, Body) {
    loop {
        let Some(rule) = rule_of(lexer) else {
            return (Screened::Plain, None);
        };
        match rule.effect {
            Effect::Plain => return (Screened::Plain, None),
            Effect::Opaque => return (Screened::Opaque, None),
            Effect::Control => return (rule.refused(Reason::TransactionControl), None),
            Effect::Commits => return (rule.refused(Reason::ImplicitCommit), None),
            Effect::Body(opening) => return (Screened::Plain, Some(opening)),
            Effect::Assigns => return (assignments(lexer.clone()), None),
            Effect::Until(word) => {
                if !lexer.any(|token| token.is(word)) {
                    return (Screened::Plain, None);
                }
            }
        }
    }
}

/// The rule for the statement that starts here, if it starts with a word.
fn rule_of(lexer: &mut Lexer<'_>) -> Option<&'static Rule> {
    let before = lexer.clone();
    let head = match lexer.next()? {
        Token::Word(head) => head,
        // An empty statement; its semicolon is left for `skip`.
        Token::Semicolon => {
            *lexer = before;
            return None;
        }
        Token::Other(_) => return None,
    };
    if rules::COMMON
        .iter()
        .any(|word| head.eq_ignore_ascii_case(word.as_bytes()))
    {
        return None;
    }
    let (rules, fallback) = rules::of(lexer.dialect());
    Some(
        rules
            .iter()
            .find(|rule| rule.matches(head, lexer.clone()))
            .unwrap_or(fallback),
    )
}

/// Looks for a variable that steers transactions among the targets of a MySQL `SET`.
fn assignments(lexer: Lexer<'_>) -> Screened {
    let (mut target, mut depth) = (true, 0_usize);
    for token in lexer.take_while(|token| *token != Token::Semicolon) {
        match token {
            Token::Word(word) if target => {
                if let Some(rule) = rules::VARIABLES.iter().find(|rule| rule.names(word)) {
                    return rule.refused(Reason::TransactionControl);
                }
                target = rules::SCOPES
                    .iter()
                    .any(|scope| word.eq_ignore_ascii_case(scope.as_bytes()));
            }
            Token::Other(b'(') => depth += 1,
            Token::Other(b')') => depth = depth.saturating_sub(1),
            Token::Other(b',') => target = depth == 0,
            _ => {}
        }
    }
    Screened::Plain
}

/// Moves past the end of this statement, body included; false where the text ends.
fn skip(lexer: &mut Lexer<'_>, body: Body) -> bool {
    let opened = body.is_some_and(|opening| opens(lexer.clone(), opening));
    let mut more = to_semicolon(lexer);
    // Inside a body only `END` at the head of a statement is its end: `CASE .. END` never stands there.
    while opened && more {
        let ends = lexer.clone().next().is_some_and(|token| token.is("END"));
        more = to_semicolon(lexer);
        if ends {
            break;
        }
    }
    more
}

fn to_semicolon(lexer: &mut Lexer<'_>) -> bool {
    lexer.any(|token| token == Token::Semicolon)
}

/// Whether these words stand in a row before the next semicolon.
fn opens(lexer: Lexer<'_>, opening: &[&str]) -> bool {
    let mut seen = 0;
    for token in lexer {
        if token == Token::Semicolon {
            return false;
        }
        seen = if token.is(opening[seen]) { seen + 1 } else { 0 };
        if seen == opening.len() {
            return true;
        }
    }
    false
}
