//! What the attributes say of functions they do not fit, by message; compiles nothing.

use super::errors::{says, signature};

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
