//! Makes the tables that are not there yet.

use diesel::connection::SimpleConnection;

use super::super::engine::Pool;
use crate::database::{DatabaseError, Target};
use crate::schema::Table;

/// Makes what is missing. Not in a transaction, for MariaDB has none for DDL.
pub(super) fn create(pool: &Pool, tables: &[Table], target: &Target) -> Result<(), DatabaseError> {
    let mut conn = pool.get().map_err(|error| target.unreachable(error))?;
    for table in tables {
        let sql = table.create(target.engine);
        // where another run makes it at the same time, PostgreSQL fails; then it is there
        conn.batch_execute(&sql)
            .or_else(|_| conn.batch_execute(&sql))
            .map_err(|error| target.without(table.name, error))?;
    }
    Ok(())
}
