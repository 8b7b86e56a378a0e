//! Makes the tables of a run, all or none; never touches one that is there already.

use sqlx::{AssertSqlSafe, raw_sql};

use super::super::engine::Pool;
use crate::database::{DatabaseError, Target};
use crate::run_id::Tables;
use crate::schema::Table;

/// Makes all tables. Not in a transaction, for MariaDB has none for DDL: a failure drops what this call has made.
pub(super) async fn create(
    pool: &Pool,
    audit_pool: &Pool,
    tables: &Tables,
    target: &Target,
) -> Result<(), DatabaseError> {
    let wanted = Table::of_shop(tables)
        .into_iter()
        .map(|table| (pool, table));
    let wanted = wanted.chain([(audit_pool, Table::of_audit_trail(tables))]);
    let mut made = Vec::new();
    for (pool, table) in wanted {
        if let Err(error) = raw_sql(AssertSqlSafe(table.create(target.engine)))
            .execute(pool)
            .await
        {
            drop_all(&made).await;
            let (url, problem) = (target.to_string(), error.to_string());
            return Err(DatabaseError::Table {
                url,
                table: table.name,
                problem,
            });
        }
        made.push((pool, table));
    }
    Ok(())
}

/// Best effort: the error that led here is the one worth telling.
async fn drop_all(made: &[(&Pool, Table)]) {
    for (pool, table) in made {
        let _ = raw_sql(AssertSqlSafe(table.drop())).execute(*pool).await;
    }
}
