//! Makes the tables that are not there yet.

use diesel_async::SimpleAsyncConnection;

use super::super::engine::Pool;
use crate::database::{DatabaseError, Target};
use crate::schema::Table;

/// Makes what is missing. Not in a transaction, for MariaDB has none for DDL.
pub(super) async fn create(
    pool: &Pool,
    tables: &[Table],
    target: &Target,
) -> Result<(), DatabaseError> {
    let mut conn = pool
        .get()
        .await
        .map_err(|error| target.unreachable(error))?;
    for table in tables {
        let sql = table.create(target.engine);
        let mut made = conn.batch_execute(&sql).await;
        if made.is_err() {
            // where another run makes it at the same time, PostgreSQL fails; then it is there
            made = conn.batch_execute(&sql).await;
        }
        made.map_err(|error| target.without(table.name, error))?;
    }
    Ok(())
}
