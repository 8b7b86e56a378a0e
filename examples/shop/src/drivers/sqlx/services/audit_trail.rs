//! The audit trail: that an attempt was made, kept whatever became of it.

use sqlx::SqlStr;
use txkit::{read_only, retry_on_conflict, transactional};

use super::super::engine::{self, Pool, ShopReadTx, ShopTx, sql};
use crate::domain::{AuditRecord, ShopError};
use crate::run_id::Tables;

#[derive(Debug)]
pub(super) struct AuditTrail {
    pool: Pool,
    insert: SqlStr,
    records: SqlStr,
}

impl AuditTrail {
    pub(super) fn new(pool: Pool, tables: &Tables) -> Self {
        let audit = &tables.audit;
        AuditTrail {
            pool,
            insert: sql(format!(
                "INSERT INTO {audit} (line, submission, attempt) VALUES (?, ?, ?)"
            )),
            records: sql(format!("SELECT line, submission, attempt FROM {audit}")),
        }
    }

    /// Records what is going on in `tx`, beside it. It touches nothing that `tx` may have locked.
    pub(super) async fn record(
        &self,
        tx: &mut ShopTx<'_>,
        record: AuditRecord,
    ) -> Result<(), ShopError> {
        self.write(engine::apart(tx, &self.pool), record).await
    }

    #[transactional(propagation = requires_new)]
    #[retry_on_conflict(attempts = 5)]
    async fn write(&self, tx: ShopTx<'_>, record: AuditRecord) -> Result<(), ShopError> {
        let AuditRecord {
            line,
            submission,
            attempt,
        } = record;
        sqlx::query(self.insert.clone())
            .bind(line)
            .bind(submission)
            .bind(attempt)
            .execute(&mut tx)
            .await?;
        Ok(())
    }

    /// All records.
    #[read_only(on = self.pool)]
    pub(super) async fn records(&self, tx: ShopReadTx<'_>) -> Result<Vec<AuditRecord>, ShopError> {
        let rows: Vec<(i64, i64, i64)> = sqlx::query_as(self.records.clone())
            .fetch_all(&mut tx)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(line, submission, attempt)| AuditRecord {
                line,
                submission,
                attempt,
            })
            .collect())
    }
}
