//! MariaDB and MySQL, whatever the driver: the tables, what a conflict is there, and what ends a transaction.

use txkit::{Conflict, Tx};
use txkit_tests::wire::Protocol;

use super::*;

pub const PROTOCOL: Protocol = Protocol::MySql;

pub const SCHEMA: &[&str] = &[
    "CREATE TABLE item (id BIGINT PRIMARY KEY)",
    "CREATE TABLE taken (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0)",
    "INSERT INTO taken (id) VALUES (1), (2)",
];

/// What running into an `Obstacle` is.
pub const CONFLICT: Conflict = Conflict::LockTimeout;

/// What BEGIN on the wire contains.
pub const BEGIN: &str = "START TRANSACTION";

/// What [`ruin`] is.
pub const RUIN: Option<Conflict> = Some(Conflict::Serialization);

/// What a lent connection can be misused for: each ends the transaction that txkit began.
pub const RAW_ENDINGS: &[&str] = &[
    "COMMIT",
    "ROLLBACK",
    "COMMIT; BEGIN",
    "ROLLBACK; BEGIN",
    "START TRANSACTION",
    "COMMIT AND CHAIN",
    "SET autocommit = 0; SET autocommit = 1",
    "CREATE TABLE surprise (id int)",
];

/// A statement that outlasts every limit.
pub const FOR_EVER: &str = "SELECT count(*) FROM (SELECT sleep(20)) a";

/// A statement that takes a while.
pub const SLOW: &str = "SELECT count(*) FROM (SELECT sleep(0.3)) a";

/// Which session this is.
pub const SESSION_ID: &str = "SELECT CAST(connection_id() AS SIGNED)";

/// Ends a session.
pub fn killing(session: i64) -> String {
    format!("KILL {session}")
}

/// Has the server speak German, which MariaDB can and MySQL as well.
pub fn german() -> Option<String> {
    Some("SET SESSION lc_messages = 'de_DE'".to_owned())
}

/// Makes the engine give the transaction up: InnoDB rolls it back whole.
pub async fn ruin<A>(tx: &mut Tx<'_, Conn, A>, stage: &Stage) -> DriverError {
    let setting = "SET SESSION innodb_snapshot_isolation = ON";
    execute(tx, setting).await.expect("a setting");
    let snapshot = number(tx, "SELECT count(*) FROM taken").await;
    snapshot.expect("a snapshot");
    stage.rival("UPDATE taken SET n = n + 1 WHERE id = 2").await;
    let stale = execute(tx, "UPDATE taken SET n = n + 1 WHERE id = 2").await;
    stale.expect_err("a row that changed since the snapshot")
}
