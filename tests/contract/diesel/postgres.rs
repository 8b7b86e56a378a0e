//! Blocking Diesel on PostgreSQL, from r2d2's pools: its types, its SQL, and the cases only it can show.

use diesel::connection::{SimpleConnection as _, TransactionManager as _};
use diesel::{Connection as _, RunQueryDsl as _, SaveChangesDsl as _};
use txkit::{Conflict, read_only, retry_on_conflict, serializable, transactional};

use crate::tools::blocking::*;
use crate::tools::*;

#[path = "pools.rs"]
mod pools;
derived! {
    db = "diesel_async/postgres_db",
    engine = "engines/postgres",
    helpers = "diesel_async/helpers",
    stage = "diesel_async/stage",
    rows = "diesel_async/rows",
    wire = "diesel_async/wire",
}

use db::{Db, SETUP};
use engine::*;
use helpers::*;
use pools::{Leased, Pool, are_all_back, leased, size_of};
use rows::Obstacle;
use stage::*;
use txkit::diesel::{PgReadTx as DbReadTx, PgSession as DbSession, PgTx as DbTx};
use wire::Tally;

type Conn = diesel::PgConnection;
type Manager = <Conn as diesel::Connection>::TransactionManager;

/// How many round trips `send` takes.
const SENDING: usize = 1;

derived_cases!();
derived! {
    deferred = "cases/deferred",
    german = "cases/german",
    isolation = "cases/isolation",
    killed = "cases/killed",
    over_the_wire = "cases/over_the_wire",
    own = "cases/own",
    own_ends = "cases/own_ends",
    own_foreign = "cases/own_foreign",
    own_nested = "cases/own_nested",
    own_postgres = "cases/own_postgres",
    saving = "cases/saving",
    statement_timeouts = "cases/statement_timeouts",
    two_writers = "cases/two_writers",
    only = "only/postgres",
}
#[path = "threads.rs"]
mod threads;
