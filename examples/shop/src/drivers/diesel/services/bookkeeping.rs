//! The books: everything a run left behind, read as of one moment; judges nothing.

use std::sync::Arc;

use diesel::prelude::*;
use txkit::read_only;

use super::super::engine::{Pool, ShopReadTx};
use super::audit_trail::AuditTrail;
use super::inventory::Inventory;
use crate::domain::{Books, Order, Payment, ShopError, Transfer};
use crate::drivers::diesel_schema::{
    OrderRow, PaymentRow, TransferRow, confirmations, orders, payments, transfers,
};
use crate::run_id::RunId;

pub(super) struct Bookkeeping {
    run: RunId,
    inventory: Arc<Inventory>,
    audit_trail: Arc<AuditTrail>,
}

impl Bookkeeping {
    pub(super) fn new(run: RunId, inventory: Arc<Inventory>, audit_trail: Arc<AuditTrail>) -> Self {
        Bookkeeping {
            run,
            inventory,
            audit_trail,
        }
    }

    /// Everything. The audit trail comes first and by itself: on SQLite it is another database.
    pub(super) fn books(&self, pool: &Pool) -> Result<Books, ShopError> {
        let audit_records = self.audit_trail.records()?;
        Ok(Books {
            audit_records,
            ..self.of_shop(pool)?
        })
    }

    /// The shop's own tables as of one moment: sums of different moments do not agree.
    #[read_only(isolation = repeatable_read)]
    fn of_shop(&self, tx: ShopReadTx<'_>) -> Result<Books, ShopError> {
        Ok(Books {
            orders: self.orders(&mut tx)?,
            payments: self.payments(&mut tx)?,
            stock: self.inventory.levels(&mut tx)?,
            transfers: self.transfers(&mut tx)?,
            confirmations: confirmations::table
                .filter(confirmations::run.eq(self.run.as_str()))
                .select(confirmations::line)
                .load(&mut tx)?,
            audit_records: Vec::new(),
        })
    }

    fn orders(&self, tx: &mut ShopReadTx<'_>) -> Result<Vec<Order>, ShopError> {
        let rows = orders::table
            .filter(orders::run.eq(self.run.as_str()))
            .select(OrderRow::as_select())
            .load(tx)?;
        rows.into_iter().map(Order::try_from).collect()
    }

    fn payments(&self, tx: &mut ShopReadTx<'_>) -> Result<Vec<Payment>, ShopError> {
        let rows = payments::table
            .filter(payments::run.eq(self.run.as_str()))
            .select(PaymentRow::as_select())
            .load(tx)?;
        rows.into_iter().map(Payment::try_from).collect()
    }

    fn transfers(&self, tx: &mut ShopReadTx<'_>) -> Result<Vec<Transfer>, ShopError> {
        let rows = transfers::table
            .filter(transfers::run.eq(self.run.as_str()))
            .select(TransferRow::as_select())
            .load(tx)?;
        Ok(rows.into_iter().map(Transfer::from).collect())
    }
}
