//! SQLx on MariaDB and MySQL: its types, its SQL, and the cases only it can show.

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
use txkit::sqlx::{MySqlReadTx as DbReadTx, MySqlSession as DbSession, MySqlTx as DbTx};
use txkit_tests::{MySql as Db, TestDatabase as _};
use wire::Tally;

type Conn = sqlx::MySqlConnection;
type Pool = sqlx::MySqlPool;

const PROTOCOL: Protocol = Protocol::MySql;

const SCHEMA: &[&str] = &[
    "CREATE TABLE item (id BIGINT PRIMARY KEY)",
    "CREATE TABLE taken (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0)",
    "INSERT INTO taken (id) VALUES (1), (2)",
];

/// What running into an [`Obstacle`] is.
const CONFLICT: Conflict = Conflict::LockTimeout;

/// The beginning of a BEGIN on the wire.
const BEGIN: &str = "START TRANSACTION";

/// What [`ruin`] is.
const RUIN: Option<Conflict> = Some(Conflict::Serialization);

/// What a lent connection can be misused for: each ends the transaction that txkit began.
const RAW_ENDINGS: &[&str] = &[
    "COMMIT",
    "ROLLBACK",
    "COMMIT; BEGIN",
    "ROLLBACK; BEGIN",
    "START TRANSACTION",
    "COMMIT AND CHAIN",
    "SET autocommit = 0; SET autocommit = 1",
    "CREATE TABLE surprise (id int)",
];

/// The cases that cannot be shown here, and why.
pub const NOT_APPLICABLE: &[(&str, &str)] = &[
    (
        "c04",
        "nothing makes InnoDB refuse a COMMIT for certain: it has no deferred constraints",
    ),
    ("c07", "InnoDB has no deferred constraints"),
    (
        "c08",
        "a single server finds every conflict at a statement; at COMMIT only a cluster certifies",
    ),
    (
        "c53",
        "no statement is refused with another error's code once the transaction is over",
    ),
];

/// Makes the engine give the transaction up: InnoDB rolls it back whole.
async fn ruin<A>(tx: &mut Tx<'_, Conn, A>, stage: &Stage) -> DriverError {
    let setting = "SET SESSION innodb_snapshot_isolation = ON";
    execute(tx, setting).await.expect("a setting");
    let snapshot = number(tx, "SELECT count(*) FROM taken").await;
    snapshot.expect("a snapshot");
    stage.rival("UPDATE taken SET n = n + 1 WHERE id = 2").await;
    let stale = execute(tx, "UPDATE taken SET n = n + 1 WHERE id = 2").await;
    stale.expect_err("a row that changed since the snapshot")
}

cases!();
#[path = "../cases/isolation.rs"]
mod isolation;
#[path = "../cases/over_the_wire.rs"]
mod over_the_wire;
#[path = "../cases/two_writers.rs"]
mod two_writers;

#[path = "../only/mysql.rs"]
mod only;
