//! Payments: charges a purchase, or declines it, and remembers either; knows nothing of orders.

use txkit::transactional;

use super::super::engine::{ShopTx, sql};
use crate::domain::{PaymentStatus, Purchase, ShopError};
use crate::money::Cents;
use crate::run_id::RunId;

#[derive(Debug)]
pub(super) struct Payments {
    run: RunId,
    limit: Cents,
}

impl Payments {
    pub(super) fn new(run: RunId, limit: Cents) -> Self {
        Payments { run, limit }
    }

    /// Takes the money. A refusal is an error to the caller and a fact to the books: it does not doom the transaction
    /// that this one joins, so the caller may still commit it.
    #[transactional(commit_on(ShopError::PaymentDeclined { .. }))]
    pub(super) async fn charge(
        &self,
        tx: ShopTx<'_>,
        purchase: &Purchase,
    ) -> Result<(), ShopError> {
        let &Purchase { line, amount, .. } = purchase;
        let declined = amount > self.limit;
        let status = if declined {
            PaymentStatus::Declined
        } else {
            PaymentStatus::Captured
        };
        sqlx::query(sql(
            "INSERT INTO shop_payments (run, line, cents, status) VALUES (?, ?, ?, ?)",
        ))
        .bind(self.run.as_str())
        .bind(line)
        .bind(amount.0)
        .bind(status.as_str())
        .execute(&mut tx)
        .await?;
        if declined {
            return Err(ShopError::PaymentDeclined {
                line,
                amount,
                limit: self.limit,
            });
        }
        Ok(())
    }
}
