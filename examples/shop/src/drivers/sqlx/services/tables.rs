//! Makes the tables that are not there yet.

use sqlx::{AssertSqlSafe, raw_sql};

use super::super::engine::Pool;
use crate::database::{DatabaseError, Target};
use crate::schema::Table;

/// Makes what is missing. Not in a transaction, for MariaDB has none for DDL.
pub(super) async fn create(
    pool: &Pool,
    tables: &[Table],
    target: &Target,
) -> Result<(), DatabaseError> {
    for table in tables {
        let make = || raw_sql(AssertSqlSafe(table.create(target.engine))).execute(pool);
        let mut made = make().await;
        if made.is_err() {
            // where another run makes it at the same time, PostgreSQL fails; then it is there
            made = make().await;
        }
        made.map_err(|error| target.without(table.name, error))?;
    }
    Ok(())
}
