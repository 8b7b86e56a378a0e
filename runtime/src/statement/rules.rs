//! Which heads of statements do what to a transaction, as data, after each engine's manual.
//!
//! A rule's words stand in a row at the head of the statement, those marked `?` may be missing; the first
//! rule that fits decides. A statement without a rule is plain on PostgreSQL and SQLite, where only the
//! words below touch the transaction, and opaque on MySQL, where many statements commit.

use super::lexer::Lexer;
use super::{Dialect, Keywords, Reason, Refused, Screened};

pub(super) struct Rule {
    words: &'static str,
    pub(super) effect: Effect,
}

#[derive(Clone, Copy)]
pub(super) enum Effect {
    Plain,
    Opaque,
    Control,
    Commits,
    /// Plain, and may hold statements between these words and `END`.
    Body(&'static [&'static str]),
    /// Sets variables: some of them steer transactions.
    Assigns,
    /// A prefix: the statement proper stands after this word.
    Until(&'static str),
}

use Effect::{Assigns, Body, Commits, Control, Opaque, Plain, Until};

const fn rule(words: &'static str, effect: Effect) -> Rule {
    Rule { words, effect }
}

impl Rule {
    pub(super) fn matches(&self, head: &[u8], mut after: Lexer<'_>) -> bool {
        let mut words = self.words.split(' ');
        words
            .next()
            .is_some_and(|first| head.eq_ignore_ascii_case(first.as_bytes()))
            && words.all(|word| accepts(&mut after, word))
    }

    /// Whether `variable` is the one this rule is about, as `autocommit` or `@@autocommit`.
    pub(super) fn names(&self, variable: &[u8]) -> bool {
        let name = self.words.trim_start_matches("SET ").as_bytes();
        variable
            .strip_prefix(b"@@")
            .unwrap_or(variable)
            .eq_ignore_ascii_case(name)
    }

    pub(super) fn refused(&self, reason: Reason) -> Screened {
        Screened::Refused(Refused {
            reason,
            keywords: Keywords(self.words),
        })
    }
}

/// Consumes `word` where it stands next; true also where an optional one does not.
fn accepts(lexer: &mut Lexer<'_>, word: &str) -> bool {
    let (word, optional) = word
        .strip_prefix('?')
        .map_or((word, false), |word| (word, true));
    let mut ahead = lexer.clone();
    let found = ahead.next().is_some_and(|token| token.is(word));
    if found {
        *lexer = ahead;
    }
    found || optional
}

/// The rules of a dialect and what holds where none fits.
pub(super) fn of(dialect: Dialect) -> (&'static [Rule], &'static Rule) {
    match dialect {
        Dialect::Postgres => (POSTGRES, &OTHERWISE_PLAIN),
        Dialect::MySql => (MYSQL, &OTHERWISE_OPAQUE),
        Dialect::Sqlite => (SQLITE, &OTHERWISE_PLAIN),
    }
}

const OTHERWISE_PLAIN: Rule = rule("", Plain);
const OTHERWISE_OPAQUE: Rule = rule("", Opaque);

/// Heads of nearly every statement, plain everywhere: looked at first.
pub(super) const COMMON: &[&str] = &[
    "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "REPLACE",
];

/// `CALL` and `DO` are plain: in a transaction block the server refuses a COMMIT in them (2D000).
const POSTGRES: &[Rule] = &[
    rule("BEGIN", Control),
    rule("START TRANSACTION", Control),
    rule("COMMIT PREPARED", Control),
    rule("COMMIT", Control),
    rule("END", Control),
    rule("ROLLBACK PREPARED", Control),
    rule("ROLLBACK", Control),
    rule("ABORT", Control),
    rule("SAVEPOINT", Control),
    rule("RELEASE", Control),
    rule("PREPARE TRANSACTION", Control),
    // Joins an exported snapshot; changes neither isolation nor access.
    rule("SET ?LOCAL TRANSACTION SNAPSHOT", Plain),
    rule("SET ?LOCAL TRANSACTION", Control),
    rule("SET SESSION TRANSACTION", Control),
    rule("SET ?LOCAL SESSION CHARACTERISTICS", Control),
    rule("SET SESSION SESSION CHARACTERISTICS", Control),
    rule("SET ?LOCAL ?SESSION transaction_isolation", Control),
    rule("SET ?LOCAL ?SESSION transaction_read_only", Control),
    rule("SET ?LOCAL ?SESSION transaction_deferrable", Control),
    rule("CREATE ?OR ?REPLACE FUNCTION", Body(&["BEGIN", "ATOMIC"])),
    rule("CREATE ?OR ?REPLACE PROCEDURE", Body(&["BEGIN", "ATOMIC"])),
];

const SQLITE: &[Rule] = &[
    rule("BEGIN", Control),
    rule("COMMIT", Control),
    rule("END", Control),
    rule("ROLLBACK", Control),
    rule("SAVEPOINT", Control),
    rule("RELEASE", Control),
    rule("CREATE ?TEMP ?TEMPORARY TRIGGER", Body(&["BEGIN"])),
    rule(
        "EXPLAIN ?QUERY ?PLAN CREATE ?TEMP ?TEMPORARY TRIGGER",
        Body(&["BEGIN"]),
    ),
];

/// After "Statements That Cause an Implicit Commit" in the manuals of MySQL and MariaDB.
const MYSQL: &[Rule] = &[
    rule("SET STATEMENT", Until("FOR")),
    rule("SET PASSWORD", Commits),
    rule("SET DEFAULT ROLE", Commits),
    rule("SET ?SESSION ?LOCAL ?GLOBAL TRANSACTION", Control),
    rule("SET", Assigns),
    rule("SHOW", Plain),
    rule("EXPLAIN", Plain),
    rule("DESCRIBE", Plain),
    rule("DESC", Plain),
    rule("TABLE", Plain),
    rule("DO", Plain),
    rule("USE", Plain),
    rule("HANDLER", Plain),
    rule("KILL", Plain),
    rule("SIGNAL", Plain),
    rule("GET", Plain),
    rule("DEALLOCATE", Plain),
    rule("CHECKSUM", Plain),
    rule("PURGE", Plain),
    rule("HELP", Plain),
    // Runs nothing yet; `EXECUTE` does.
    rule("PREPARE", Plain),
    // A block of MariaDB's procedural language, not the beginning of a transaction.
    rule("BEGIN NOT ATOMIC", Opaque),
    rule("BEGIN", Control),
    rule("START TRANSACTION", Control),
    rule("COMMIT", Control),
    rule("ROLLBACK", Control),
    rule("SAVEPOINT", Control),
    rule("RELEASE SAVEPOINT", Control),
    rule("XA", Control),
    rule("CREATE ?OR ?REPLACE TEMPORARY TABLE", Plain),
    rule("CREATE ?OR ?REPLACE TABLE", Commits),
    rule(
        "CREATE ?OR ?REPLACE ?UNIQUE ?FULLTEXT ?SPATIAL INDEX",
        Commits,
    ),
    rule("CREATE", Commits),
    rule("DROP TEMPORARY TABLE", Plain),
    rule("DROP TABLE", Commits),
    rule("DROP", Commits),
    rule("ALTER ?ONLINE ?IGNORE TABLE", Commits),
    rule("ALTER", Commits),
    rule("RENAME TABLE", Commits),
    rule("RENAME", Commits),
    rule("TRUNCATE", Commits),
    rule("GRANT", Commits),
    rule("REVOKE", Commits),
    rule("LOCK TABLES", Commits),
    rule("LOCK", Commits),
    rule("UNLOCK TABLES", Commits),
    rule("UNLOCK", Commits),
    rule("FLUSH", Commits),
    rule("ANALYZE ?NO_WRITE_TO_BINLOG ?LOCAL TABLE", Commits),
    rule("ANALYZE ?NO_WRITE_TO_BINLOG ?LOCAL TABLES", Commits),
    // MariaDB's `ANALYZE SELECT ..` runs a statement and explains it.
    rule("ANALYZE", Plain),
    rule("OPTIMIZE", Commits),
    rule("REPAIR", Commits),
    rule("CHECK", Commits),
    rule("CACHE INDEX", Commits),
    rule("LOAD INDEX", Commits),
    rule("LOAD", Plain),
    rule("RESET PERSIST", Plain),
    rule("RESET", Commits),
    rule("INSTALL", Commits),
    rule("UNINSTALL", Commits),
    rule("START", Commits),
    rule("STOP", Commits),
    rule("CHANGE", Commits),
    rule("IMPORT TABLE", Commits),
    rule("BACKUP", Commits),
    rule("SHUTDOWN", Commits),
];

/// Variables that commit when set, or that change what this or the session's next transaction is.
pub(super) const VARIABLES: &[Rule] = &[
    rule("SET autocommit", Control),
    rule("SET completion_type", Control),
    rule("SET transaction_isolation", Control),
    rule("SET tx_isolation", Control),
    rule("SET transaction_read_only", Control),
    rule("SET tx_read_only", Control),
];

/// What may stand before a variable's name in an assignment.
pub(super) const SCOPES: &[&str] = &[
    "SESSION",
    "LOCAL",
    "GLOBAL",
    "PERSIST",
    "PERSIST_ONLY",
    "@@SESSION",
    "@@LOCAL",
    "@@GLOBAL",
];
