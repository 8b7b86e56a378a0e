//! SQLx on PostgreSQL: its types, its SQL, and the cases only it can show.

use txkit::Conflict;

use crate::tools::awaited::*;
use crate::tools::*;
use txkit::{read_only, retry_on_conflict, serializable, transactional};

#[path = "../engines/postgres.rs"]
mod engine;
#[path = "helpers.rs"]
mod helpers;
#[path = "rows.rs"]
mod rows;
#[path = "stage.rs"]
mod stage;
#[path = "wire.rs"]
mod wire;

use engine::*;
use helpers::*;
use rows::Obstacle;
use stage::*;
use txkit::sqlx::{PgReadTx as DbReadTx, PgSession as DbSession, PgTx as DbTx};
use txkit_tests::{Postgres as Db, TestDatabase as _};
use wire::{SENDING, Tally};

type Conn = sqlx::PgConnection;
type Pool = sqlx::PgPool;

/// Whether a call that is dropped has its part undone before the connection is used again.
const UNDOES_IN_DROP: bool = true;

cases!();
#[path = "../cases/deferred.rs"]
mod deferred;
#[path = "../cases/futures.rs"]
mod futures;
#[path = "../cases/guards.rs"]
mod guards;
#[path = "../cases/isolation.rs"]
mod isolation;
#[path = "../cases/killed.rs"]
mod killed;
#[path = "../cases/over_the_wire.rs"]
mod over_the_wire;
#[path = "../cases/statement_timeouts.rs"]
mod statement_timeouts;
#[path = "../cases/two_writers.rs"]
mod two_writers;

#[path = "../only/postgres.rs"]
mod only;
