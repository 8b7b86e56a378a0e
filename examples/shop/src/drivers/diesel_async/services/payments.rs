//! Payments: charges a purchase, or declines it, and remembers either; knows nothing of orders.

use diesel_async::RunQueryDsl;
use txkit::transactional;

use super::super::engine::ShopTx;
use crate::domain::{PaymentStatus, Purchase, ShopError};
use crate::drivers::diesel_schema::{NewPaymentRow, payments};
use crate::money::Cents;
use crate::run_id::RunId;

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
        diesel::insert_into(payments::table)
            .values(NewPaymentRow {
                run: self.run.as_str(),
                line,
                cents: amount.0,
                status: status.as_str(),
            })
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
