//! The contract that every adapter keeps: the same case files, once for each adapter; a case is named after its number.
//! The suites of blocking adapters are derived from those of the asynchronous ones, see `build.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::duplicate_mod,
    reason = "each adapter loads the case files for itself, with its own types"
)]
#![allow(
    dead_code,
    reason = "not every adapter needs every tool: what an engine cannot show it leaves out"
)]

#[macro_use]
mod tools;
mod coverage;

/// The cases that every adapter runs. Those of a few engines are named by their adapters.
macro_rules! cases {
    () => {
        #[path = "../cases/backoff.rs"]
        mod backoff;
        #[path = "../cases/commit.rs"]
        mod commit;
        #[path = "../cases/damage.rs"]
        mod damage;
        #[path = "../cases/foreign.rs"]
        mod foreign;
        #[path = "../cases/hooks.rs"]
        mod hooks;
        #[path = "../cases/independent.rs"]
        mod independent;
        #[path = "../cases/joining.rs"]
        mod joining;
        #[path = "../cases/lent.rs"]
        mod lent;
        #[path = "../cases/limits.rs"]
        mod limits;
        #[path = "../cases/nesting.rs"]
        mod nesting;
        #[path = "../cases/observed.rs"]
        mod observed;
        #[path = "../cases/programmatic.rs"]
        mod programmatic;
        #[path = "../cases/retrying.rs"]
        mod retrying;
        #[path = "../cases/settings.rs"]
        mod settings;
        #[path = "../cases/testing.rs"]
        mod testing;
        #[path = "../cases/types.rs"]
        mod types;
        #[path = "../cases/witness.rs"]
        mod witness;
    };
}

/// Modules in their blocking form, as `build.rs` has derived them from the files of these names.
macro_rules! derived {
    ($($module:ident = $file:literal),+ $(,)?) => {
        $(
            #[allow(
                unused_imports,
                unused_parens,
                unused_braces,
                unreachable_code,
                clippy::all,
                reason = "it was an asynchronous text, where this makes sense"
            )]
            mod $module {
                include!(concat!(env!("OUT_DIR"), "/", $file, ".rs"));
            }
        )+
    };
}

/// The blocking form of the cases that every adapter runs.
macro_rules! derived_cases {
    () => {
        derived! {
            backoff = "cases/backoff",
            commit = "cases/commit",
            damage = "cases/damage",
            foreign = "cases/foreign",
            hooks = "cases/hooks",
            independent = "cases/independent",
            joining = "cases/joining",
            lent = "cases/lent",
            limits = "cases/limits",
            nesting = "cases/nesting",
            observed = "cases/observed",
            programmatic = "cases/programmatic",
            retrying = "cases/retrying",
            settings = "cases/settings",
            testing = "cases/testing",
            types = "cases/types",
            witness = "cases/witness",
        }
    };
}

#[path = "diesel_async/mysql.rs"]
mod diesel_async_mysql;
#[path = "diesel_async/postgres.rs"]
mod diesel_async_postgres;
#[path = "diesel_async/sqlite.rs"]
mod diesel_async_sqlite;
#[path = "diesel/mysql.rs"]
mod diesel_mysql;
#[path = "diesel/postgres.rs"]
mod diesel_postgres;
#[path = "diesel/sqlite.rs"]
mod diesel_sqlite;
#[path = "sqlx/mysql.rs"]
mod mysql;
#[path = "sqlx/postgres.rs"]
mod postgres;
#[path = "sqlx/sqlite.rs"]
mod sqlite;
