//! The audit trail: that an attempt was made, kept whatever became of it.

use txkit::{read_only, retry_on_conflict, transactional};

use super::super::engine::{self, Pool, ShopReadTx, ShopTx, sql};
use crate::domain::{AuditRecord, ShopError};
use crate::run_id::RunId;

#[derive(Debug)]
pub(super) struct AuditTrail {
    pool: Pool,
    run: RunId,
}

impl AuditTrail {
    pub(super) fn new(pool: Pool, run: RunId) -> Self {
        AuditTrail { pool, run }
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
        sqlx::query(sql(
            "INSERT INTO shop_audit (run, line, submission, attempt) VALUES (?, ?, ?, ?)",
        ))
        .bind(self.run.as_str())
        .bind(record.line)
        .bind(record.submission)
        .bind(record.attempt)
        .execute(&mut tx)
        .await?;
        Ok(())
    }

    /// All records.
    #[read_only(on = self.pool)]
    pub(super) async fn records(&self, tx: ShopReadTx<'_>) -> Result<Vec<AuditRecord>, ShopError> {
        let rows: Vec<(i64, i64, i64)> = sqlx::query_as(sql(
            "SELECT line, submission, attempt FROM shop_audit WHERE run = ?",
        ))
        .bind(self.run.as_str())
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
