//! SQLx on PostgreSQL.

use super::awaited::*;

#[path = "../common/fussy.rs"]
mod fussy;
#[path = "../common/services.rs"]
mod services;
#[path = "statements.rs"]
mod statements;

use fussy::fussy;
use services::{AppError, outermost, play};
use statements::{DriverError, build, each, execute, meddle, rows};
use txkit::sqlx::{PgReadTx as DbReadTx, PgTx as DbTx};

type Conn = sqlx::PgConnection;
type Pool = sqlx::PgPool;

/// Where a server is.
fn options(url: &str) -> sqlx::postgres::PgConnectOptions {
    url.parse().expect("a URL")
}

subject!(Sqlx, Postgres);
