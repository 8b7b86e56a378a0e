//! SQLx on PostgreSQL: its types, its SQL, and the cases only it can show.

use txkit::{Conflict, Tx};
use txkit_tests::wire::Protocol;

use crate::tools::*;
use txkit::{read_only, retry_on_conflict, serializable, transactional};

#[path = "helpers.rs"]
mod helpers;
#[path = "rows.rs"]
mod rows;
#[path = "stage.rs"]
mod stage;
#[path = "wire.rs"]
mod wire;

use helpers::*;
use rows::Obstacle;
use stage::*;
use txkit::sqlx::{PgReadTx as DbReadTx, PgSession as DbSession, PgTx as DbTx};
use txkit_tests::{Postgres as Db, TestDatabase as _};
use wire::Tally;

type Conn = sqlx::PgConnection;
type Pool = sqlx::PgPool;

const PROTOCOL: Protocol = Protocol::Postgres;

const SCHEMA: &[&str] = &[
    "CREATE TABLE item (id BIGINT PRIMARY KEY)",
    "CREATE TABLE taken (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0)",
    "INSERT INTO taken (id) VALUES (1), (2)",
];

/// What running into an [`Obstacle`] is.
const CONFLICT: Conflict = Conflict::LockTimeout;

/// The beginning of a BEGIN on the wire.
const BEGIN: &str = "BEGIN";

/// A constraint that is checked at COMMIT.
mod owed {
    pub const SCHEMA: &str = "CREATE TABLE seat (n INT UNIQUE DEFERRABLE INITIALLY DEFERRED)";
    pub const VIOLATION: &str = "INSERT INTO seat (n) VALUES (1), (1)";
    pub const CODE: &str = "23505";
}

/// What [`ruin`] is.
const RUIN: Option<Conflict> = None;

/// What a lent connection can be misused for: each ends the transaction that txkit began.
const RAW_ENDINGS: &[&str] = &[
    "COMMIT",
    "ROLLBACK",
    "COMMIT; BEGIN",
    "ROLLBACK; BEGIN",
    "COMMIT AND CHAIN",
    "ROLLBACK AND CHAIN",
];

/// The cases that cannot be shown here, and why.
pub const NOT_APPLICABLE: &[(&str, &str)] = &[];

/// Makes the engine give the transaction up: it refuses everything until a rollback.
async fn ruin<A>(tx: &mut Tx<'_, Conn, A>, _: &Stage) -> DriverError {
    let duplicate = execute(tx, "INSERT INTO taken (id) VALUES (1)").await;
    duplicate.expect_err("a duplicate")
}

cases!();
#[path = "../cases/deferred.rs"]
mod deferred;
#[path = "../cases/isolation.rs"]
mod isolation;
#[path = "../cases/over_the_wire.rs"]
mod over_the_wire;
#[path = "../cases/two_writers.rs"]
mod two_writers;

#[path = "../only/postgres.rs"]
mod only;
