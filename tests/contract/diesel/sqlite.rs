//! Blocking Diesel on SQLite, from r2d2's pools: its types, its SQL, and the cases only it can show.

use diesel::connection::{SimpleConnection as _, TransactionManager as _};
use diesel::{Connection as _, RunQueryDsl as _, SaveChangesDsl as _};
use txkit::{Conflict, read_only, retry_on_conflict, serializable, transactional};

use crate::tools::blocking::*;
use crate::tools::*;

#[path = "pools.rs"]
mod pools;
derived! {
    db = "diesel_async/sqlite_db",
    engine = "engines/sqlite",
    helpers = "diesel_async/helpers",
    stage = "diesel_async/stage",
    sqlite_tools = "diesel_async/sqlite_tools",
}

use db::{Db, SETUP};
use engine::*;
use helpers::*;
use pools::{Leased, Pool, are_all_back, leased, size_of};
use sqlite_tools::{Obstacle, Tally, hasty_pool, unlogged_connection, unlogged_pool};
use stage::*;
use txkit::diesel::{SqliteReadTx as DbReadTx, SqliteSession as DbSession, SqliteTx as DbTx};

type Conn = diesel::SqliteConnection;
type Manager = <Conn as diesel::Connection>::TransactionManager;

derived_cases!();
derived! {
    deferred = "cases/deferred",
    own = "cases/own",
    own_ends = "cases/own_ends",
    own_foreign = "cases/own_foreign",
    own_nested = "cases/own_nested",
    own_sqlite = "cases/own_sqlite",
    saving = "cases/saving",
    only = "only/sqlite",
}
#[path = "threads.rs"]
mod threads;
