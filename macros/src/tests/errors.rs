//! What is said about mistakes, and that one mistake is one error.

use super::{expand, messages};

/// A source and everything that is said about it.
pub(super) fn says(source: &str, expected: &[&str]) {
    let expanded = expand(source);
    assert_eq!(messages(&expanded), expected, "\n{source}");
    let kept = expanded.to_string();
    assert!(kept.contains("body"), "the body is kept:\n{kept}");
}

pub(super) fn option(options: &str, expected: &[&str]) {
    says(
        &format!(
            "#[transactional({options})] async fn f(tx: Tx<'_, C>) -> Result<(), E> {{ body }}"
        ),
        expected,
    );
}

/// A signature, and how the handle reads.
pub(super) fn signature(signature: &str, expected: &[&str]) {
    says(
        &format!("#[transactional] {signature} {{ body }}"),
        expected,
    );
}

#[test]
fn options() {
    option(
        "isolatoin = serializable",
        &[
            "unknown option `isolatoin`, expected one of `propagation`, `isolation`, `read_only`, `deferrable`, `timeout`, \
           `statement_timeout`, `lock_timeout`, `retry`, `commit_on`, `no_mark`, `durable`, `on`, `name`, `crate`; \
           did you mean `isolation`?",
        ],
    );
    option(
        "propagation = RequiresNew",
        &[
            "unknown propagation `RequiresNew`, expected one of `required`, `requires_new`, `nested`, `mandatory`, \
           `supports`, `not_supported`, `never`; did you mean `requires_new`?",
        ],
    );
    option(
        "isolation = \"serializable\"",
        &["words are not quoted: write `isolation = serializable`"],
    );
    option(
        "isolation(serializable)",
        &["write `isolation = serializable`"],
    );
    option(
        "isolation",
        &[
            "write `isolation = ..`, with one of `read_uncommitted`, `read_committed`, `repeatable_read`, `serializable`",
        ],
    );
    option(
        "durable = true",
        &["`durable` takes no value: write `durable`, or leave it out"],
    );
    option(
        "attempts = 5",
        &["`attempts` is an option of a retry: write `retry(attempts ..)`"],
    );
    option(
        "commit_on = E::A",
        &["write `commit_on(PATTERN)`, for example `commit_on(MyError::Declined(_))`"],
    );
    option("commit_on(E::A, E::B)", &["join patterns with `|`"]);
    option(
        "commit_on(E::A if x)",
        &["a guard does not fit here, the pattern alone decides"],
    );
    option("retry = 5", &["write `retry`, or `retry(attempts = 5)`"]);
    option("name = \"\"", &["a name is not empty: leave it out"]);
    option("on", &["write `on = self.pool`"]);
    option(
        "timeout = \"1s\" retry",
        &["expected `,` after the option `timeout`"],
    );
    option("5", &["expected an option"]);
}

#[test]
fn every_mistake_is_said_at_once() {
    option(
        "timeout = 5, name = 3, retry(attempts = 1)",
        &[
            "a duration has a unit: write `\"5s\"` or `\"5ms\"`",
            "write `name = \"..\"`",
            "the first attempt counts, so a retry has at least 2: raise it, or drop the retry",
        ],
    );
}

#[test]
fn durations() {
    option(
        "timeout = \"0s\"",
        &["`0s` is no time at all: leave the option out, or give it some"],
    );
    option("timeout = 5s", &["a duration is quoted: write `\"5s\"`"]);
    option(
        "timeout = \"5\"",
        &["a duration has a unit: write `\"5s\"` or `\"5ms\"`"],
    );
    option(
        "timeout = \"5 s\"",
        &["`5 s` is not a duration: write a whole number and a unit, one of `us`, `ms`, `s`, `m`"],
    );
    option(
        "timeout = \"1.5s\"",
        &["`1.5s` is not a duration: write a whole number and a unit, one of `us`, `ms`, `s`, `m`"],
    );
    option(
        "timeout = \"5sec\"",
        &["unknown unit `sec`, expected one of `us`, `ms`, `s`, `m`"],
    );
    let longest = "is longer than the engines can hold: at most `\"35791m\"`";
    option("timeout = \"35792m\"", &[&format!("`35792m` {longest}")]);
    option(
        "timeout = \"99999999999999999999s\"",
        &[&format!("`99999999999999999999s` {longest}")],
    );
    option("timeout = LIMIT", &["expected a duration such as `\"5s\"`"]);
    option(
        "retry(base = \"2s\", cap = \"1s\")",
        &["`cap` is the longest wait and `base` the shortest: make it at least `base`"],
    );
}

#[test]
fn stacked_attributes() {
    let function = "async fn f(tx: Tx<'_, C>) -> Result<(), E> { body }";
    says(
        &format!("#[serializable] #[transactional(isolation = read_committed)] {function}"),
        &["`isolation` is given twice, here or in another attribute"],
    );
    says(
        &format!("#[transactional(retry)] #[retry_on_conflict] {function}"),
        &["`retry` is given twice, here or in another attribute"],
    );
    says(
        &format!("#[transactional] #[txkit::transactional(name = \"x\")] {function}"),
        &["`#[transactional]` is given twice, once is enough"],
    );
    says(
        &format!("#[retry_on_conflict(isolation = serializable)] {function}"),
        &[
            "`isolation` is not an option of a retry: write `#[transactional(isolation ..)]`, attributes merge",
        ],
    );
}

#[test]
fn handles() {
    signature(
        "async fn f(tx: PgTx) -> Result<(), E>",
        &["a handle borrows its transaction and shows it: write `PgTx<'_>`"],
    );
    signature(
        "async fn f(tx: Tx<PgConnection>) -> Result<(), E>",
        &["a handle borrows its transaction and shows it: write `Tx<'_, PgConnection>`"],
    );
    for (wrong, right) in [
        ("PgPool", "PgConnection"),
        ("Postgres", "PgConnection"),
        ("Pool<MySql>", "MySqlConnection"),
    ] {
        signature(
            &format!("async fn f(tx: &mut ReadTx<'_, {wrong}>) -> Result<(), E>"),
            &[&format!(
                "a handle names its connection type, and `{wrong}` is not one: write `ReadTx<'_, {right}>`"
            )],
        );
    }
    signature(
        "async fn f(&self) -> Result<(), E>",
        &[
            "`f` declares no handle: its first parameter after `self` is the transaction, for example `tx: PgTx<'_>`",
        ],
    );
    for pool in ["&PgPool", "&mut PgPool", "PgPool", "PgConnection"] {
        signature(
            &format!("async fn f(pool: {pool}) -> Result<(), E>"),
            &[&format!(
                "declare the handle in place of `{pool}`: `tx: PgTx<'_>`; callers then pass a pool, a connection or `&mut tx`"
            )],
        );
    }
    signature(
        "async fn f(tx: &PgTx<'_>) -> Result<(), E>",
        &["a handle is used mutably: write `&mut PgTx<'_>`"],
    );
    signature(
        "async fn f(Tx { conn }: Tx<'_, C>) -> Result<(), E>",
        &["a handle is bound by a name, such as `tx`, not taken apart"],
    );
    signature(
        "async fn f(tx: impl ::txkit::__private::Begin<PgTx<'tx>, P>) -> Result<(), E>",
        &[
            "this function was expanded before: one of the attributes has been renamed by `use .. as ..`, \
           and only their own names are merged",
        ],
    );
    signature(
        "fn f(conn: &mut impl LoadConnection<Backend = Pg>) -> Result<(), E>",
        &["the handle's type must have a name: use a type parameter, \
           `<C: LoadConnection<Backend = Pg> + txkit::BlockingConnection>` and `&mut C`"],
    );
    signature(
        "fn f<C: Connection<Backend = Pg> + Send>(conn: &mut C) -> Result<(), E>",
        &[
            "Diesel's trait alone does not make `C` a connection that a transaction can be begun on: \
           declare `C: txkit::BlockingConnection` too",
        ],
    );
    signature(
        "async fn f<C>(tx: Tx<'_, C>) -> Result<(), E> where C: AsyncConnection<Backend = Pg>",
        &[
            "Diesel's trait alone does not make `C` a connection that a transaction can be begun on: \
           declare `C: txkit::AsyncConnection` too",
        ],
    );
    signature(
        "fn f(pool: &Pool<ConnectionManager<MysqlConnection>>) -> Result<(), E>",
        &[
            "declare the handle in place of `&Pool<ConnectionManager<MysqlConnection>>`: `tx: MysqlTx<'_>`; \
           callers then pass a pool, a connection or `&mut tx`",
        ],
    );
    signature(
        "async fn f(conn: &mut PooledConnection<'_, AsyncDieselConnectionManager<AsyncPgConnection>>) -> Result<(), E>",
        &[
            "declare the handle in place of `&mut PooledConnection<'_, AsyncDieselConnectionManager<AsyncPgConnection>>`: \
           `tx: PgTx<'_>`; callers then pass a pool, a connection or `&mut tx`",
        ],
    );
    signature(
        "async fn f(tx: &mut impl Connection) -> Result<(), E>",
        &[
            "the handle's type must have a name: use a type parameter, `<C: Connection + txkit::AsyncConnection>` and `&mut C`",
        ],
    );
    for (own, shown) in [
        ("Transaction<'_, Postgres>", "Transaction<'_, Postgres>"),
        (
            "&mut Transaction<'static, Postgres>",
            "&mut Transaction<'static, Postgres>",
        ),
    ] {
        signature(
            &format!("async fn f(tx: {own}) -> Result<(), E>"),
            &[&format!(
                "declare the handle in place of `{shown}`: `tx: PgTx<'_>`; callers then pass a pool, a connection or `&mut tx`"
            )],
        );
    }
    signature(
        "async fn f(n: u8, tx: &mut PgTx<'_>) -> Result<(), E>",
        &["the transaction is the first parameter: move `tx: &mut PgTx<'_>` before `n`"],
    );
    signature(
        "async fn f(n: u8) -> Result<(), E>",
        &[
            "the first parameter is the transaction, for example `tx: PgTx<'_>` (with `on = ..` too, where callers leave it out), and `u8` is not one",
        ],
    );
    signature(
        "async fn f<C>(tx: Tx<'_, C>) -> Result<(), E>",
        &["not every `C` is a connection: declare `C: txkit::AsyncConnection`"],
    );
    signature(
        "fn f<C, D>(tx: &mut C) -> Result<(), E> where D: Clone",
        &["not every `C` is a connection: declare `C: txkit::BlockingConnection`"],
    );
    signature(
        "async fn f(n: (u8, u8)) -> Result<(), E>",
        &[
            "the first parameter is the transaction, for example `tx: PgTx<'_>` (with `on = ..` too, where callers leave it out), and `(u8, u8)` is not one",
        ],
    );
}
