//! The audit trail: that an attempt was made, kept whatever became of it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use txkit::{read_only, retry_on_conflict, transactional};

use super::super::engine::{self, Pool, ShopReadTx, ShopTx};
use crate::domain::{AuditRecord, ShopError};
use crate::drivers::diesel_schema::{AuditRow, NewAuditRow, audit};
use crate::run_id::RunId;

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
        diesel::insert_into(audit::table)
            .values(NewAuditRow {
                run: self.run.as_str(),
                line: record.line,
                submission: record.submission,
                attempt: record.attempt,
            })
            .execute(&mut tx)
            .await?;
        Ok(())
    }

    /// All records.
    #[read_only(on = self.pool)]
    pub(super) async fn records(&self, tx: ShopReadTx<'_>) -> Result<Vec<AuditRecord>, ShopError> {
        let rows = audit::table
            .filter(audit::run.eq(self.run.as_str()))
            .select(AuditRow::as_select())
            .load(&mut tx)
            .await?;
        Ok(rows.into_iter().map(AuditRecord::from).collect())
    }
}
