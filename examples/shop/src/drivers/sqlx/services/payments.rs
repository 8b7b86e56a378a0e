//! Payments: charges a purchase, or declines it, and remembers either; knows nothing of orders.

use sqlx::SqlStr;
use txkit::transactional;

use super::super::engine::{ShopTx, sql};
use crate::domain::{PaymentStatus, Purchase, ShopError};
use crate::money::Cents;
use crate::run_id::Tables;

#[derive(Debug)]
pub(super) struct Payments {
    insert: SqlStr,
    limit: Cents,
}

impl Payments {
    pub(super) fn new(tables: &Tables, limit: Cents) -> Self {
        let insert = sql(format!(
            "INSERT INTO {} (line, cents, status) VALUES (?, ?, ?)",
            tables.payments
        ));
        Payments { insert, limit }
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
        sqlx::query(self.insert.clone())
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
