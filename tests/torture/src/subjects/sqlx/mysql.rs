//! SQLx on MariaDB and MySQL.

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
use txkit::sqlx::{MySqlReadTx as DbReadTx, MySqlTx as DbTx};

type Conn = sqlx::MySqlConnection;
type Pool = sqlx::MySqlPool;

/// Where a server is.
fn options(url: &str) -> sqlx::mysql::MySqlConnectOptions {
    url.parse().expect("a URL")
}

subject!(Sqlx, MySql);
