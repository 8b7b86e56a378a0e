//! Confirmations to customers. Here they are rows, so that they can be counted; elsewhere they are mails.

use txkit::{retry_on_conflict, transactional};

use super::super::engine::{Pool, ShopTx, sql};
use crate::domain::ShopError;
use crate::run_id::RunId;

#[derive(Clone, Debug)]
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
        sqlx::query(sql(
            "INSERT INTO shop_confirmations (run, line) VALUES (?, ?)",
        ))
        .bind(self.run.as_str())
        .bind(line)
        .execute(&mut tx)
        .await?;
        Ok(())
    }
}
