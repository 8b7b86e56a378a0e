//! Orders: placing one, and looking back at a customer's; leaves money and stock to their services.

use std::sync::Arc;

use txkit::{read_only, retry_on_conflict, transactional};

use super::super::engine::{ShopReadTx, ShopTx, sql};
use super::audit_trail::AuditTrail;
use super::inventory::Inventory;
use super::mailer::Mailer;
use super::payments::Payments;
use crate::domain::{AuditRecord, NewOrder, Order, OrderStatus, Purchase, ShopError};
use crate::money::Cents;
use crate::run_id::RunId;

/// A row of `history`, and of the books.
pub(super) type OrderRow = (i64, i64, i64, i64, String);

#[derive(Debug)]
pub(super) struct Orders {
    run: RunId,
    payments: Payments,
    inventory: Arc<Inventory>,
    audit_trail: Arc<AuditTrail>,
    mailer: Mailer,
}

impl Orders {
    pub(super) fn new(
        run: RunId,
        payments: Payments,
        inventory: Arc<Inventory>,
        audit_trail: Arc<AuditTrail>,
        mailer: Mailer,
    ) -> Self {
        Orders {
            run,
            payments,
            inventory,
            audit_trail,
            mailer,
        }
    }

    /// Places an order: all of it, or nothing but its audit record. A declined payment is an answer to be kept, so
    /// there the cancelled order and the payment are committed, and the error is returned all the same.
    #[transactional(commit_on(ShopError::PaymentDeclined { .. }))]
    #[retry_on_conflict(attempts = 10)]
    pub(super) async fn place(&self, tx: ShopTx<'_>, order: NewOrder) -> Result<(), ShopError> {
        let record = AuditRecord::of(&order, tx.attempt());
        self.audit_trail.record(&mut tx, record).await?;

        let purchase = order.purchase;
        let line = purchase.line;
        self.insert(&mut tx, &purchase).await?;
        match self.payments.charge(&mut tx, &purchase).await {
            Err(declined @ ShopError::PaymentDeclined { .. }) => {
                self.set_status(&mut tx, line, OrderStatus::Cancelled)
                    .await?;
                return Err(declined);
            }
            charged => charged?,
        }
        self.set_status(&mut tx, line, OrderStatus::Confirmed)
            .await?;
        // last, because all the other orders of this stock row wait from here to COMMIT
        self.inventory.take(&mut tx, &purchase).await?;

        let mailer = self.mailer.clone();
        tx.after_commit(async move || mailer.confirm(line).await);
        Ok(())
    }

    /// What a customer has ordered, oldest first.
    #[read_only]
    pub(super) async fn history(
        &self,
        tx: ShopReadTx<'_>,
        customer: i64,
    ) -> Result<Vec<Order>, ShopError> {
        let rows: Vec<OrderRow> = sqlx::query_as(sql(
            "SELECT line, customer, units, cents, status FROM shop_orders \
             WHERE run = ? AND customer = ? ORDER BY day, line",
        ))
        .bind(self.run.as_str())
        .bind(customer)
        .fetch_all(&mut tx)
        .await?;
        rows.into_iter().map(order).collect()
    }

    async fn insert(&self, tx: &mut ShopTx<'_>, purchase: &Purchase) -> Result<(), ShopError> {
        let inserted = sqlx::query(sql(
            "INSERT INTO shop_orders (run, line, customer, day, units, cents, status) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ))
            .bind(self.run.as_str())
            .bind(purchase.line)
            .bind(purchase.customer)
            .bind(purchase.date)
            .bind(purchase.units)
            .bind(purchase.amount.0)
            .bind(OrderStatus::Placed.as_str())
            .execute(tx)
            .await;
        match inserted {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                Err(ShopError::AlreadyPlaced {
                    line: purchase.line,
                })
            }
            inserted => Ok(inserted.map(drop)?),
        }
    }

    async fn set_status(
        &self,
        tx: &mut ShopTx<'_>,
        line: i64,
        status: OrderStatus,
    ) -> Result<(), ShopError> {
        sqlx::query(sql(
            "UPDATE shop_orders SET status = ? WHERE run = ? AND line = ?",
        ))
        .bind(status.as_str())
        .bind(self.run.as_str())
        .bind(line)
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// An order from its row.
pub(super) fn order((line, customer, units, cents, status): OrderRow) -> Result<Order, ShopError> {
    Ok(Order {
        line,
        customer,
        units,
        amount: Cents(cents),
        status: status.parse()?,
    })
}
