//! diesel-async on MariaDB and MySQL, from bb8's pools: its types, its SQL, and the cases only it can show.

use diesel_async::{
    AsyncConnection as _, RunQueryDsl as _, SaveChangesDsl as _, SimpleAsyncConnection as _,
    TransactionManager as _,
};
use txkit::{Conflict, read_only, retry_on_conflict, serializable, transactional};

use crate::tools::awaited::*;
use crate::tools::*;

#[path = "mysql_db.rs"]
mod db;
#[path = "../engines/mysql.rs"]
mod engine;
#[path = "helpers.rs"]
mod helpers;
#[path = "pools.rs"]
mod pools;
#[path = "rows.rs"]
mod rows;
#[path = "stage.rs"]
mod stage;
#[path = "wire.rs"]
mod wire;

use db::{Db, SETUP};
use engine::*;
use helpers::*;
use pools::{Leased, Pool, are_all_back, leased, size_of};
use rows::Obstacle;
use stage::*;
use txkit::diesel_async::{MysqlReadTx as DbReadTx, MysqlSession as DbSession, MysqlTx as DbTx};
use wire::Tally;

type Conn = diesel_async::AsyncMysqlConnection;
type Manager = <Conn as diesel_async::AsyncConnection>::TransactionManager;

/// How many round trips `send` takes.
const SENDING: usize = 1;

/// Has the driver use the network where the server is near, too.
const DIRECTLY: &str = "?prefer_socket=false";

/// Whether a call that is dropped has its part undone before the connection is used again.
const UNDOES_IN_DROP: bool = false;

cases!();
#[path = "deadpools.rs"]
mod deadpools;
#[path = "../cases/futures.rs"]
mod futures;
#[path = "../cases/german.rs"]
mod german;
#[path = "../cases/isolation.rs"]
mod isolation;
#[path = "../cases/killed.rs"]
mod killed;
#[path = "../cases/over_the_wire.rs"]
mod over_the_wire;
#[path = "../cases/own.rs"]
mod own;
#[path = "../cases/own_ends.rs"]
mod own_ends;
#[path = "../cases/own_foreign.rs"]
mod own_foreign;
#[path = "../cases/own_mysql.rs"]
mod own_mysql;
#[path = "../cases/own_nested.rs"]
mod own_nested;
#[path = "../cases/saving.rs"]
mod saving;
#[path = "../cases/statement_timeouts.rs"]
mod statement_timeouts;
#[path = "../cases/two_writers.rs"]
mod two_writers;

#[path = "../only/mysql.rs"]
mod only;
