//! Blocking Diesel on MariaDB and MySQL, from r2d2's pools: its types, its SQL, and the cases only it can show.

use diesel::connection::{SimpleConnection as _, TransactionManager as _};
use diesel::{Connection as _, RunQueryDsl as _, SaveChangesDsl as _};
use txkit::{Conflict, read_only, retry_on_conflict, serializable, transactional};

use crate::tools::blocking::*;
use crate::tools::*;

#[path = "pools.rs"]
mod pools;
derived! {
    db = "diesel_async/mysql_db",
    engine = "engines/mysql",
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
use txkit::diesel::{MysqlReadTx as DbReadTx, MysqlSession as DbSession, MysqlTx as DbTx};
use wire::Tally;

type Conn = diesel::MysqlConnection;
type Manager = <Conn as diesel::Connection>::TransactionManager;

/// How many round trips `send` takes: two of them let several statements into one message, and no more of them.
const SENDING: usize = 3;

/// Without TLS, which a proxy cannot read.
const DIRECTLY: &str = "?ssl_mode=disabled";

derived_cases!();
derived! {
    german = "cases/german",
    isolation = "cases/isolation",
    killed = "cases/killed",
    over_the_wire = "cases/over_the_wire",
    own = "cases/own",
    own_ends = "cases/own_ends",
    own_foreign = "cases/own_foreign",
    own_mysql = "cases/own_mysql",
    own_nested = "cases/own_nested",
    saving = "cases/saving",
    statement_timeouts = "cases/statement_timeouts",
    two_writers = "cases/two_writers",
    only = "only/mysql",
}
#[path = "threads.rs"]
mod threads;
