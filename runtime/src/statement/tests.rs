//! What is refused, what is not, and that no text makes the screen stumble.

mod mysql;

use super::{Dialect, Reason, Screened, screen};
use Dialect::{MySql, Postgres, Sqlite};

const ALL: [Dialect; 3] = [Postgres, MySql, Sqlite];

/// The verdict as a short text: `plain`, `opaque`, `control ROLLBACK`, `commits CREATE TABLE`.
fn verdict(sql: &str, dialect: Dialect) -> String {
    match screen(sql, dialect) {
        Screened::Plain => "plain".into(),
        Screened::Opaque => "opaque".into(),
        Screened::Refused(refused) => {
            let reason = match refused.reason {
                Reason::TransactionControl => "control",
                Reason::ImplicitCommit => "commits",
            };
            format!("{reason} {}", refused.keywords)
        }
    }
}

#[track_caller]
fn all(dialects: &[Dialect], expected: &str, statements: &[&str]) {
    for &dialect in dialects {
        for sql in statements {
            assert_eq!(verdict(sql, dialect), expected, "{dialect:?}: {sql}");
        }
    }
}

#[test]
fn everyday_statements_are_plain() {
    all(
        &ALL,
        "plain",
        &[
            "",
            " ",
            ";",
            ";;",
            "SELECT 1",
            "select 1;",
            "(SELECT 1) UNION (SELECT 2)",
            "INSERT INTO t VALUES (1); UPDATE t SET a = 2; DELETE FROM t",
            "WITH x AS (SELECT 1) SELECT * FROM x",
            "VALUES (1)",
            "EXPLAIN SELECT 1",
            "REPLACE INTO t VALUES (1)",
            "SELECT 'a; COMMIT; b'",
            "SELECT 'it''s; ROLLBACK'; SELECT 2",
            "SELECT 1 -- ; COMMIT",
            "SELECT 1 /* ; COMMIT */; SELECT 2",
            "SELECT commit FROM t; SELECT savepoint FROM t",
            "SELECT 1; -- COMMIT\n SELECT 2",
        ],
    );
}

#[test]
fn transaction_control_is_refused_everywhere() {
    for (sql, words) in [
        ("BEGIN", "BEGIN"),
        ("begin work", "BEGIN"),
        ("COMMIT", "COMMIT"),
        ("CoMmIt;", "COMMIT"),
        ("ROLLBACK", "ROLLBACK"),
        ("rollback to savepoint a", "ROLLBACK"),
        ("SAVEPOINT a", "SAVEPOINT"),
        ("\n\t -- hello\n /* there */ COMMIT", "COMMIT"),
        ("SELECT 1; COMMIT", "COMMIT"),
        ("SELECT ';'; ; ;ROLLBACK; SELECT 2", "ROLLBACK"),
        ("INSERT INTO t VALUES ('''');COMMIT", "COMMIT"),
        ("COMMIT/**/AND CHAIN", "COMMIT"),
    ] {
        all(&ALL, &format!("control {words}"), &[sql]);
    }
    all(
        &[Postgres, Sqlite],
        "control END",
        &["END", "end transaction", "SELECT 1; END"],
    );
    all(
        &[Postgres, Sqlite],
        "control RELEASE",
        &["RELEASE a", "release savepoint a"],
    );
    all(
        &[MySql],
        "control RELEASE SAVEPOINT",
        &["release savepoint a"],
    );
    all(
        &[Postgres, MySql],
        "control START TRANSACTION",
        &["start  transaction", "START/**/TRANSACTION READ ONLY"],
    );
}

#[test]
fn words_are_whole_words() {
    all(
        &[Postgres, Sqlite],
        "plain",
        &[
            "COMMITTED",
            "commit_log",
            "ENDED",
            "BEGIN$",
            "COMMITé",
            "\"COMMIT me\"",
        ],
    );
    all(&[MySql], "opaque", &["COMMITTED", "commit_log"]);
}

#[test]
fn postgres_control() {
    for (sql, words) in [
        ("ABORT", "ABORT"),
        ("PREPARE TRANSACTION 'x'", "PREPARE TRANSACTION"),
        ("COMMIT PREPARED 'x'", "COMMIT PREPARED"),
        ("ROLLBACK PREPARED 'x'", "ROLLBACK PREPARED"),
        (
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "SET TRANSACTION",
        ),
        ("SET LOCAL TRANSACTION READ WRITE", "SET TRANSACTION"),
        (
            "SET SESSION TRANSACTION READ WRITE",
            "SET SESSION TRANSACTION",
        ),
        (
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            "SET SESSION CHARACTERISTICS",
        ),
        (
            "SET LOCAL transaction_isolation = 'serializable'",
            "SET transaction_isolation",
        ),
        (
            "SET \"transaction_read_only\" TO off",
            "SET transaction_read_only",
        ),
        ("/* a /* nested */ one */ COMMIT", "COMMIT"),
        ("SELECT E'\\'; not yet'; COMMIT", "COMMIT"),
        ("SELECT '\\'; COMMIT --'", "COMMIT"),
        ("SELECT $$ ; $$; COMMIT", "COMMIT"),
        ("SELECT $1; COMMIT", "COMMIT"),
        ("SELECT a$b$c; COMMIT; SELECT $b$ $b$", "COMMIT"),
        ("SELECT 1 -- x\r; COMMIT", "COMMIT"),
    ] {
        all(&[Postgres], &format!("control {words}"), &[sql]);
    }
}

#[test]
fn postgres_plain() {
    all(
        &[Postgres],
        "plain",
        &[
            "SET LOCAL statement_timeout = 5",
            "SET TRANSACTION SNAPSHOT '00000003-1'",
            "PREPARE q AS SELECT 1",
            "EXECUTE q",
            "CALL p()",
            "DO $$ BEGIN PERFORM 1; END $$",
            "DO $a$ BEGIN; COMMIT; $$ ; COMMIT; END $a$; SELECT 1",
            "SELECT $tag$ ; COMMIT; $tag $$ ; $tag$",
            "SELECT E'a\\'; COMMIT; --'",
            "SELECT e'a\\'; COMMIT; --'",
            "SELECT \"a;\"\"; COMMIT\"; SELECT 1",
            "/* /* */ ; COMMIT */ SELECT 1",
            "CREATE TABLE t (a int); DROP TABLE t; TRUNCATE u; LOCK TABLE u",
            "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO u VALUES (1); DELETE FROM v)",
            "COPY t FROM STDIN",
            "XA START 'a'",
        ],
    );
}

#[test]
fn postgres_function_bodies_are_no_control() {
    let body = "FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END";
    all(
        &[Postgres],
        "plain",
        &[
            &format!("CREATE {body}"),
            &format!("CREATE OR REPLACE {body}; SELECT 1;"),
        ],
    );
    all(
        &[Postgres],
        "control COMMIT",
        &[&format!("CREATE {body}; COMMIT")],
    );
    let quoted = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$";
    all(
        &[Postgres],
        "plain",
        &[quoted, &format!("{quoted}; SELECT 1")],
    );
    all(&[Postgres], "control END", &[&format!("{quoted}; END")]);
    all(
        &[Postgres],
        "control ROLLBACK",
        &[
            "CREATE PROCEDURE p() AS 'x'; ROLLBACK",
            "CREATE FUNCTION f(begin int) AS 'x'; ROLLBACK",
        ],
    );
}

#[test]
fn sqlite_triggers_are_no_control() {
    let trigger = "TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET n = CASE WHEN 1 THEN 2 END; DELETE FROM c; END";
    for create in [
        "CREATE",
        "CREATE TEMP",
        "create temporary",
        "EXPLAIN CREATE",
        "EXPLAIN QUERY PLAN CREATE",
    ] {
        all(
            &[Sqlite],
            "plain",
            &[
                &format!("{create} {trigger}"),
                &format!("{create} {trigger}; SELECT 1;"),
            ],
        );
        all(
            &[Sqlite],
            "control END",
            &[&format!("{create} {trigger}; END;")],
        );
        all(
            &[Sqlite],
            "control COMMIT",
            &[&format!("{create} {trigger};COMMIT")],
        );
    }
}

#[test]
fn sqlite_quotes() {
    all(
        &[Sqlite],
        "plain",
        &[
            "SELECT [a;COMMIT]; SELECT 1",
            "SELECT `a;``;COMMIT`; SELECT 1",
            "SELECT \"a;\"\";COMMIT\"",
            "SELECT 1; /* never closed ; COMMIT",
            "PRAGMA foreign_keys = ON",
            "VACUUM",
            "ATTACH 'x' AS y",
            "CREATE TABLE t (a); DROP TABLE t",
            "INSERT OR ROLLBACK INTO t VALUES (1)",
            "CALL p()",
        ],
    );
    all(
        &[Sqlite],
        "control COMMIT",
        &[
            "SELECT '\\'; COMMIT --'",
            "/* /* */ COMMIT",
            "\u{feff}COMMIT",
            "SELECT [a]]; COMMIT",
        ],
    );
}

/// Every text of up to five of these pieces, whole and cut at every character: a few hundred thousand texts.

#[test]
fn no_text_makes_it_panic() {
    const PIECES: &[&str] = &[
        "'",
        "\"",
        "`",
        "[",
        "]",
        "\\",
        "$",
        "$$",
        "$é$",
        "--",
        "#",
        "/*",
        "/*!",
        "/*M!9",
        "*/",
        ";",
        "é",
        "\u{feff}",
        "\0",
        "@",
        "E'",
        "SET ",
        "SET STATEMENT ",
        "FOR ",
        "CREATE FUNCTION ",
        "CREATE TRIGGER ",
        "BEGIN ATOMIC ",
        "END",
        "🦀",
    ];
    fn grow(text: &mut String, depth: usize) {
        for dialect in ALL {
            let _ = screen(text, dialect);
        }
        for piece in PIECES
            .iter()
            .take(if depth == 0 { 0 } else { PIECES.len() })
        {
            let length = text.len();
            text.push_str(piece);
            grow(text, depth - 1);
            text.truncate(length);
        }
    }
    // An interpreter takes hours for what takes seconds otherwise.
    let (deep, pieces) = if cfg!(miri) { (1, 30) } else { (3, 500) };
    grow(&mut String::new(), deep);
    let long: String = PIECES.iter().cycle().take(pieces).copied().collect();
    for (cut, _) in long.char_indices() {
        for dialect in ALL {
            let _ = (screen(&long[..cut], dialect), screen(&long[cut..], dialect));
        }
    }
}

/// Texts whose repeats would be slow, or deep, in a careless reader.

#[test]
fn a_long_text_takes_one_pass() {
    for piece in [
        "'",
        "$a$",
        "$",
        "/*",
        "/*!",
        "SET STATEMENT a FOR ",
        "SET a=1,",
        ";",
        "CREATE FUNCTION BEGIN;",
        "CREATE TRIGGER BEGIN;",
    ] {
        // An interpreter reads a thousandth of it in the same time.
        let length = if cfg!(miri) { 200 } else { 200_000 };
        let text = format!("{};", piece.repeat(length / piece.len()));
        for dialect in ALL {
            let _ = screen(&text, dialect);
        }
    }
}
