//! Blocking Diesel on PostgreSQL, from r2d2's pools.

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;

use super::blocking::*;

#[path = "pools.rs"]
mod pools;
derived! {
    fussy = "fussy",
    services = "services",
    statements = "diesels",
}

use fussy::fussy;
use pools::{Pool, build, leased, size_of};
use services::{AppError, outermost, play};
use statements::{DriverError, each, execute, meddle, rows};
use txkit::diesel::{PgReadTx as DbReadTx, PgTx as DbTx};

type Conn = diesel::PgConnection;

/// What each connection is told first.
const SETUP: &str = "";

blocking_subject!(Postgres);
