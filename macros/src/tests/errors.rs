//! What is said about mistakes, and that one mistake is one error.

use super::{expand, messages};

/// A source and everything that is said about it.
fn says(source: &str, expected: &[&str]) {
    let expanded = expand(source);
    assert_eq!(messages(&expanded), expected, "\n{source}");
    let kept = expanded.to_string();
    assert!(kept.contains("body"), "the body is kept:\n{kept}");
}

fn option(options: &str, expected: &[&str]) {
    says(
        &format!(
            "#[transactional({options})] async fn f(tx: Tx<'_, C>) -> Result<(), E> {{ body }}"
        ),
        expected,
    );
}

/// A signature, and how the handle reads.
fn signature(signature: &str, expected: &[&str]) {
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
        "async fn f(tx: &mut impl Connection) -> Result<(), E>",
        &[
            "the handle's type must have a name: use a type parameter, `<C: Connection>` and `&mut C`",
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
            "the first parameter is the transaction, for example `tx: PgTx<'_>`, and `u8` is not one",
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
            "the first parameter is the transaction, for example `tx: PgTx<'_>`, and `(u8, u8)` is not one",
        ],
    );
}

#[test]
fn functions() {
    signature(
        "const fn f(tx: PgTx<'_>) -> Result<(), E>",
        &["a transaction cannot run in a `const fn`: drop the `const`"],
    );
    signature(
        "async unsafe fn f(tx: PgTx<'_>) -> Result<(), E>",
        &["an `unsafe fn` cannot be a transaction: annotate a safe function that calls it"],
    );
    signature(
        "extern \"C\" fn f(tx: PgTx<'_>) -> Result<(), E>",
        &["an `extern` function cannot be a transaction: annotate a Rust function that it calls"],
    );
    says(
        "#[transactional] fn body(tx: &mut PgTx<'_>) -> Result<(), E>;",
        &[
            "`#[transactional]` goes on a function with a body: the trait declares it, so put the attribute on each implementation",
        ],
    );
    says(
        "#[read_only] #[transactional(nonsense)] struct body;",
        &[
            "`#[read_only]` goes on a function with a body: put it on the functions that use this type",
        ],
    );
}

#[test]
fn returns() {
    let remedy = "return a `Result<_, E>` where `E: From<txkit::Error>`, so that a commit that failed can be reported";
    signature(
        "async fn f(tx: PgTx<'_>)",
        &[&format!("nothing is returned: {remedy}")],
    );
    signature(
        "async fn f(tx: PgTx<'_>) -> Option<u8>",
        &[&format!("`Option` is no `Result`: {remedy}")],
    );
    signature(
        "async fn f(tx: PgTx<'_>) -> (u8, u8)",
        &[&format!("this is no `Result`: {remedy}")],
    );
    signature(
        "async fn f(tx: PgTx<'_>) -> Result<Result<u8, A>, E>",
        &[
            "a `Result` in a `Result` hides a failure, which would commit: flatten it, \
           or declare with `commit_on(..)` which errors commit",
        ],
    );
    for future in [
        "impl Future<Output = Result<(), E>>",
        "Pin<Box<dyn Future<Output = Result<(), E>> + Send>>",
        "BoxFuture<'_, u8>",
    ] {
        signature(
            &format!("fn f(tx: &mut PgTx<'_>) -> {future}"),
            &[
                "a returned future would run after the transaction ended: write `async fn`; \
               where another attribute makes the future, put this one above it",
            ],
        );
    }
    signature(
        "async fn f(tx: PgTx<'_>) -> Result<impl Fn() + use<>, E>",
        &[
            "`use<..>` cannot leave out what the transaction is begun from: box the value, or declare the handle as `&mut`",
        ],
    );
}

#[test]
fn combinations() {
    let handle = |options: &str, handle: &str, expected: &[&str]| {
        says(
            &format!(
                "#[transactional({options})] async fn f(tx: {handle}) -> Result<(), E> {{ body }}"
            ),
            expected,
        );
    };
    handle(
        "propagation = supports, retry, isolation = serializable",
        "PgSession<'_>",
        &[
            "`isolation` does not fit `supports`, which begins no transaction that it could apply to: drop one of them",
            "`retry` does not fit `supports`, which begins no transaction that it could apply to: drop one of them",
        ],
    );
    handle(
        "propagation = supports",
        "Tx<'_, C>",
        &["`supports` may run outside a transaction: declare a session, `Session<'_, C>`"],
    );
    handle(
        "propagation = nested",
        "PgSession<'_>",
        &[
            "a session may be outside a transaction, and `nested` runs in one: declare `PgTx<'_>`, or `propagation = supports`",
        ],
    );
    handle(
        "propagation = mandatory",
        "PgTx<'_>",
        &["`mandatory` takes an open transaction: declare `&mut PgTx<'_>`"],
    );
    handle(
        "propagation = mandatory",
        "&mut PgConnection",
        &["`mandatory` takes an open transaction: declare `&mut PgTx<'_>`"],
    );
    handle(
        "propagation = mandatory, on = pool",
        "PgTx<'_>",
        &["`mandatory` joins the caller's transaction: drop `on`, or the propagation"],
    );
    handle(
        "durable, propagation = nested",
        "PgTx<'_>",
        &[
            "`durable` does not fit `nested`, which may run inside another transaction, and `durable` must be the outermost: drop one of them",
        ],
    );
    handle(
        "durable",
        "&mut PgConnection",
        &[
            "`durable` must be the outermost and is begun on a pool: declare `PgTx<'_>` by value, or take the pool with `on = ..`",
        ],
    );
    handle(
        "retry",
        "&mut PgTx<'_>",
        &[
            "only the call that began a transaction retries, and with `&mut PgTx<'_>` and `required` this one never does: \
           declare the handle by value, or drop the retry",
        ],
    );
    handle(
        "read_only",
        "PgTx<'_>",
        &["a transaction that only reads has a handle that only reads: declare `PgReadTx<'_>`"],
    );
    handle(
        "deferrable",
        "PgReadTx<'_>",
        &[
            "`deferrable` waits for a snapshot that cannot conflict, which only a serializable reader can: \
           add `isolation = serializable` and `read_only`",
        ],
    );
}

#[test]
fn retried_arguments() {
    let retried = |parameters: &str, expected: &[&str]| {
        says(
            &format!("#[retry_on_conflict] async fn f({parameters}) -> Result<(), E> {{ body }}"),
            expected,
        );
    };
    retried(
        "tx: PgTx<'_>, n: &mut Vec<u8>",
        &[
            "a retried body runs several times, and what an attempt did to `&mut Vec<u8>` would stay: \
           take it by value or by shared reference, or drop the retry",
        ],
    );
    retried(
        "&mut self, tx: PgTx<'_>",
        &[
            "a retried body runs several times, and `&mut self` would keep what a failed attempt did to it: \
           take `&self`, or drop the retry",
        ],
    );
    retried(
        "self: Arc<Self>, tx: PgTx<'_>",
        &[
            "a retried body runs several times, and `self: Arc<Self>` is used up by the first attempt: \
           take `&self`, or drop the retry",
        ],
    );
}
