//! SQLx on SQLite: its types, its SQL, and the cases only it can show.

use txkit::Conflict;

use crate::tools::awaited::*;
use crate::tools::*;
use txkit::{read_only, retry_on_conflict, serializable, transactional};

#[path = "../engines/sqlite.rs"]
mod engine;
#[path = "helpers.rs"]
mod helpers;
#[path = "sqlite_tools.rs"]
mod sqlite_tools;
#[path = "stage.rs"]
mod stage;

use engine::*;
use helpers::*;
use sqlite_tools::{Obstacle, Tally, hasty_pool, unlogged_connection, unlogged_pool};
use stage::*;
use txkit::sqlx::{SqliteReadTx as DbReadTx, SqliteSession as DbSession, SqliteTx as DbTx};
use txkit_tests::{Sqlite as Db, TestDatabase as _};

type Conn = sqlx::SqliteConnection;
type Pool = sqlx::SqlitePool;

/// Whether a call that is dropped has its part undone before the connection is used again.
const UNDOES_IN_DROP: bool = true;

cases!();
#[path = "../cases/deferred.rs"]
mod deferred;
#[path = "../cases/futures.rs"]
mod futures;
#[path = "../cases/guards.rs"]
mod guards;
#[path = "../cases/statement_timeouts.rs"]
mod statement_timeouts;

#[path = "../only/sqlite.rs"]
mod only;
