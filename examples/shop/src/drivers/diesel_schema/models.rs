//! Rows, as they are inserted and as they are read.

use diesel::prelude::*;

use super::{audit, orders, payments, stock, transfers};
use crate::domain::{AuditRecord, Order, Payment, ShopError, StockLevel, Transfer};
use crate::money::Cents;

#[derive(Insertable)]
#[diesel(table_name = orders)]
pub(crate) struct NewOrderRow<'a> {
    pub(crate) run: &'a str,
    pub(crate) line: i64,
    pub(crate) customer: i64,
    pub(crate) day: i64,
    pub(crate) units: i64,
    pub(crate) cents: i64,
    pub(crate) status: &'a str,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = orders)]
pub(crate) struct OrderRow {
    line: i64,
    customer: i64,
    units: i64,
    cents: i64,
    status: String,
}

impl TryFrom<OrderRow> for Order {
    type Error = ShopError;

    fn try_from(row: OrderRow) -> Result<Self, ShopError> {
        Ok(Order {
            line: row.line,
            customer: row.customer,
            units: row.units,
            amount: Cents(row.cents),
            status: row.status.parse()?,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = payments)]
pub(crate) struct NewPaymentRow<'a> {
    pub(crate) run: &'a str,
    pub(crate) line: i64,
    pub(crate) cents: i64,
    pub(crate) status: &'a str,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = payments)]
pub(crate) struct PaymentRow {
    line: i64,
    cents: i64,
    status: String,
}

impl TryFrom<PaymentRow> for Payment {
    type Error = ShopError;

    fn try_from(row: PaymentRow) -> Result<Self, ShopError> {
        Ok(Payment {
            line: row.line,
            amount: Cents(row.cents),
            status: row.status.parse()?,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = stock)]
pub(crate) struct NewStockRow<'a> {
    pub(crate) run: &'a str,
    pub(crate) id: i64,
    pub(crate) units: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = stock)]
pub(crate) struct StockRow {
    id: i64,
    units: i64,
}

impl From<StockRow> for StockLevel {
    fn from(row: StockRow) -> Self {
        StockLevel {
            row: row.id,
            units: row.units,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = transfers)]
pub(crate) struct NewTransferRow<'a> {
    pub(crate) run: &'a str,
    pub(crate) from_row: i64,
    pub(crate) to_row: i64,
    pub(crate) units: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = transfers)]
pub(crate) struct TransferRow {
    from_row: i64,
    to_row: i64,
    units: i64,
}

impl From<TransferRow> for Transfer {
    fn from(row: TransferRow) -> Self {
        Transfer {
            from: row.from_row,
            to: row.to_row,
            units: row.units,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = audit)]
pub(crate) struct NewAuditRow<'a> {
    pub(crate) run: &'a str,
    pub(crate) line: i64,
    pub(crate) submission: i64,
    pub(crate) attempt: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
pub(crate) struct AuditRow {
    line: i64,
    submission: i64,
    attempt: i64,
}

impl From<AuditRow> for AuditRecord {
    fn from(row: AuditRow) -> Self {
        AuditRecord {
            line: row.line,
            submission: row.submission,
            attempt: row.attempt,
        }
    }
}
