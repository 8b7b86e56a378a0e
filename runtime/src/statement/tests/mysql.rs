//! MySQL and MariaDB: implicit commits, executable comments, stored code.

use super::Dialect::MySql;
use super::all;

#[test]
fn mysql_implicit_commits() {
    for (sql, words) in [
        ("CREATE TABLE t (a int)", "CREATE TABLE"),
        ("create or replace table t (a int)", "CREATE TABLE"),
        ("CREATE UNIQUE INDEX i ON t (a)", "CREATE INDEX"),
        ("CREATE PROCEDURE p() BEGIN SELECT 1; END", "CREATE"),
        ("CREATE TEMPORARY SEQUENCE s", "CREATE"),
        ("DROP TABLE t", "DROP TABLE"),
        ("ALTER IGNORE TABLE t ADD b int", "ALTER TABLE"),
        ("RENAME TABLE a TO b", "RENAME TABLE"),
        ("TRUNCATE t", "TRUNCATE"),
        ("GRANT SELECT ON t TO bob", "GRANT"),
        ("REVOKE ALL ON t FROM bob", "REVOKE"),
        ("LOCK TABLES t READ", "LOCK TABLES"),
        ("UNLOCK TABLES", "UNLOCK TABLES"),
        ("ANALYZE LOCAL TABLE t", "ANALYZE TABLE"),
        ("OPTIMIZE TABLE t", "OPTIMIZE"),
        ("REPAIR TABLE t", "REPAIR"),
        ("FLUSH TABLES", "FLUSH"),
        ("RESET QUERY CACHE", "RESET"),
        ("SET PASSWORD = 'x'", "SET PASSWORD"),
        ("START SLAVE", "START"),
        ("BACKUP STAGE START", "BACKUP"),
        (
            "SET STATEMENT max_statement_time = 1 FOR CREATE TABLE t (a int)",
            "CREATE TABLE",
        ),
        ("INSERT INTO t VALUES ('\\';'); DROP TABLE t", "DROP TABLE"),
        ("/*!50000 CREATE TABLE t (a int) */", "CREATE TABLE"),
    ] {
        all(&[MySql], &format!("commits {words}"), &[sql]);
    }
}

#[test]
fn mysql_control() {
    for (sql, words) in [
        ("XA START 'a'", "XA"),
        ("SET TRANSACTION READ ONLY", "SET TRANSACTION"),
        (
            "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "SET TRANSACTION",
        ),
        ("SET autocommit=0", "SET autocommit"),
        ("SET AutoCommit := 1", "SET autocommit"),
        ("SET @@autocommit = 1", "SET autocommit"),
        ("SET @@session.autocommit = 1", "SET autocommit"),
        ("SET SESSION autocommit = 1", "SET autocommit"),
        ("SET `autocommit` = 1", "SET autocommit"),
        ("SET @a = f(1, 2), @@local.autocommit = 1", "SET autocommit"),
        ("SET completion_type = 1", "SET completion_type"),
        ("SET tx_isolation = 'SERIALIZABLE'", "SET tx_isolation"),
        ("SET STATEMENT max_statement_time = 1 FOR COMMIT", "COMMIT"),
        ("/*! COMMIT */", "COMMIT"),
        ("/*!50000COMMIT*/", "COMMIT"),
        ("/*M!100100 COMMIT */", "COMMIT"),
        ("/*M! /* x */ COMMIT */", "COMMIT"),
        ("SELECT 1 /*! ; COMMIT */", "COMMIT"),
        ("# hello\nCOMMIT", "COMMIT"),
        ("--\nCOMMIT", "COMMIT"),
        ("SELECT 1 -- '\n; COMMIT", "COMMIT"),
        ("SELECT 5--1; COMMIT", "COMMIT"),
        ("SELECT \"a\\\";\"; COMMIT", "COMMIT"),
    ] {
        all(&[MySql], &format!("control {words}"), &[sql]);
    }
}

#[test]
fn mysql_plain() {
    all(
        &[MySql],
        "plain",
        &[
            "CREATE TEMPORARY TABLE t (a int)",
            "CREATE OR REPLACE TEMPORARY TABLE t (a int)",
            "DROP TEMPORARY TABLE t",
            "SET @autocommit = 1",
            "SET @a = (SELECT 1, autocommit FROM t)",
            "SET NAMES utf8mb4",
            "SET SESSION max_statement_time = 1",
            "SET sql_mode = 'autocommit=1'; SELECT 1",
            "SET STATEMENT max_statement_time = 1 FOR SELECT 1",
            "SET STATEMENT a = 1",
            "ANALYZE FORMAT=JSON SELECT 1",
            "SHOW TABLES",
            "LOAD DATA INFILE 'x' INTO TABLE t",
            "SELECT 'a\\'; COMMIT; --'",
            "SELECT \"a; COMMIT\"; SELECT 1",
            "SELECT `a; COMMIT`",
            "SELECT 1 # ; COMMIT",
            "SELECT 1 /* ; COMMIT */",
            "PREPARE s FROM 'COMMIT'",
        ],
    );
}

#[test]
fn mysql_stored_code_is_opaque() {
    all(
        &[MySql],
        "opaque",
        &[
            "CALL p()",
            "EXECUTE s",
            "EXECUTE IMMEDIATE 'COMMIT'",
            "BEGIN NOT ATOMIC SELECT 1; END",
            "IF 1 THEN COMMIT; END IF",
            "SELECT 1; CALL p(); SELECT 2",
        ],
    );
    all(
        &[MySql],
        "control COMMIT",
        &["CALL p(); COMMIT", "BEGIN NOT ATOMIC SELECT 1; COMMIT; END"],
    );
}
