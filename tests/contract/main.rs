//! The contract that every adapter keeps: the same case files, once for each adapter; a case is named after its number.
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

#[path = "sqlx/mysql.rs"]
mod mysql;
#[path = "sqlx/postgres.rs"]
mod postgres;
#[path = "sqlx/sqlite.rs"]
mod sqlite;
