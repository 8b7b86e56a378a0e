//! Confirmations to customers. Here they are rows, so that they can be counted; elsewhere they are mails.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use txkit::{retry_on_conflict, transactional};

use super::super::engine::{Pool, ShopTx};
use crate::domain::ShopError;
use crate::drivers::diesel_schema::confirmations;
use crate::run_id::RunId;

#[derive(Clone)]
pub(super) struct Mailer {
    pool: Pool,
    run: RunId,
}

impl Mailer {
    pub(super) fn new(pool: Pool, run: RunId) -> Self {
        Mailer { pool, run }
    }

    /// Confirms an order. Called after its transaction, it holds its own pool and begins its own.
    #[transactional(on = self.pool)]
    #[retry_on_conflict(attempts = 10)]
    pub(super) async fn confirm(&self, tx: ShopTx<'_>, line: i64) -> Result<(), ShopError> {
        diesel::insert_into(confirmations::table)
            .values((
                confirmations::run.eq(self.run.as_str()),
                confirmations::line.eq(line),
            ))
            .execute(&mut tx)
            .await?;
        Ok(())
    }
}
