//! Orders: placing one, and looking back at a customer's; leaves money and stock to their services.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use txkit::{read_only, retry_on_conflict, transactional};

use super::super::engine::{ShopReadTx, ShopTx};
use super::audit_trail::AuditTrail;
use super::inventory::Inventory;
use super::mailer::Mailer;
use super::payments::Payments;
use crate::domain::{AuditRecord, NewOrder, Order, OrderStatus, Purchase, ShopError};
use crate::drivers::diesel_schema::{NewOrderRow, OrderRow, orders};
use crate::run_id::RunId;

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
    pub(super) fn place(&self, tx: ShopTx<'_>, order: NewOrder) -> Result<(), ShopError> {
        let record = AuditRecord::of(&order, tx.attempt());
        self.audit_trail.record(&mut tx, record)?;

        let purchase = order.purchase;
        let line = purchase.line;
        self.insert(&mut tx, &purchase)?;
        match self.payments.charge(&mut tx, &purchase) {
            Err(declined @ ShopError::PaymentDeclined { .. }) => {
                self.set_status(&mut tx, line, OrderStatus::Cancelled)?;
                return Err(declined);
            }
            charged => charged?,
        }
        self.set_status(&mut tx, line, OrderStatus::Confirmed)?;
        // last, because all the other orders of this stock row wait from here to COMMIT
        self.inventory.take(&mut tx, &purchase)?;

        let mailer = self.mailer.clone();
        tx.after_commit(move || mailer.confirm(line));
        Ok(())
    }

    /// What a customer has ordered, oldest first.
    #[read_only]
    pub(super) fn history(
        &self,
        tx: ShopReadTx<'_>,
        customer: i64,
    ) -> Result<Vec<Order>, ShopError> {
        let rows = orders::table
            .filter(orders::run.eq(self.run.as_str()))
            .filter(orders::customer.eq(customer))
            .order((orders::day, orders::line))
            .select(OrderRow::as_select())
            .load(&mut tx)?;
        rows.into_iter().map(Order::try_from).collect()
    }

    fn insert(&self, tx: &mut ShopTx<'_>, purchase: &Purchase) -> Result<(), ShopError> {
        let &Purchase { line, .. } = purchase;
        let inserted = diesel::insert_into(orders::table)
            .values(NewOrderRow {
                run: self.run.as_str(),
                line,
                customer: purchase.customer,
                day: purchase.date,
                units: purchase.units,
                cents: purchase.amount.0,
                status: OrderStatus::Placed.as_str(),
            })
            .execute(tx);
        match inserted {
            Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                Err(ShopError::AlreadyPlaced { line })
            }
            inserted => Ok(inserted.map(drop)?),
        }
    }

    fn set_status(
        &self,
        tx: &mut ShopTx<'_>,
        line: i64,
        status: OrderStatus,
    ) -> Result<(), ShopError> {
        diesel::update(orders::table.find((self.run.as_str(), line)))
            .set(orders::status.eq(status.as_str()))
            .execute(tx)?;
        Ok(())
    }
}
