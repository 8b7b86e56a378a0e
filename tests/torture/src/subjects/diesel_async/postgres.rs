//! diesel-async on PostgreSQL, from bb8's pools.

use diesel_async::{AsyncConnection as _, RunQueryDsl as _, SimpleAsyncConnection as _};

use super::awaited::*;

#[path = "../common/fussy.rs"]
mod fussy;
#[path = "pools.rs"]
mod pools;
#[path = "../common/services.rs"]
mod services;
#[path = "../common/diesels.rs"]
mod statements;

use fussy::fussy;
use pools::{Pool, build, leased, size_of};
use services::{AppError, outermost, play};
use statements::{DriverError, each, execute, meddle, rows};
use txkit::diesel_async::{PgReadTx as DbReadTx, PgTx as DbTx};

type Conn = diesel_async::AsyncPgConnection;

/// What each connection is told first.
const SETUP: &str = "";

subject!(DieselAsync, Postgres);
