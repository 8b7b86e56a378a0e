//! diesel-async on SQLite, from bb8's pools: its types, its SQL, and the cases only it can show.

use diesel_async::{
    AsyncConnection as _, RunQueryDsl as _, SaveChangesDsl as _, SimpleAsyncConnection as _,
    TransactionManager as _,
};
use txkit::{Conflict, read_only, retry_on_conflict, serializable, transactional};

use crate::tools::awaited::*;
use crate::tools::*;

#[path = "sqlite_db.rs"]
mod db;
#[path = "../engines/sqlite.rs"]
mod engine;
#[path = "helpers.rs"]
mod helpers;
#[path = "pools.rs"]
mod pools;
#[path = "sqlite_tools.rs"]
mod sqlite_tools;
#[path = "stage.rs"]
mod stage;

use db::{Db, SETUP};
use engine::*;
use helpers::*;
use pools::{Leased, Pool, are_all_back, leased, size_of};
use sqlite_tools::{Obstacle, Tally, hasty_pool, unlogged_connection, unlogged_pool};
use stage::*;
use txkit::diesel_async::{SqliteReadTx as DbReadTx, SqliteSession as DbSession, SqliteTx as DbTx};

type Conn = txkit::diesel_async::SqliteConnection;
type Manager = <Conn as diesel_async::AsyncConnection>::TransactionManager;

/// Whether a call that is dropped has its part undone before the connection is used again.
const UNDOES_IN_DROP: bool = true;

cases!();
#[path = "deadpools.rs"]
mod deadpools;
#[path = "../cases/deferred.rs"]
mod deferred;
#[path = "../cases/futures.rs"]
mod futures;
#[path = "../cases/own.rs"]
mod own;
#[path = "../cases/own_ends.rs"]
mod own_ends;
#[path = "../cases/own_foreign.rs"]
mod own_foreign;
#[path = "../cases/own_nested.rs"]
mod own_nested;
#[path = "../cases/own_sqlite.rs"]
mod own_sqlite;
#[path = "../cases/saving.rs"]
mod saving;

#[path = "../only/sqlite.rs"]
mod only;
