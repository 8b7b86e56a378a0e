//! The books: everything a run left behind, read as of one moment; judges nothing.

use std::sync::Arc;

use sqlx::SqlStr;
use txkit::read_only;

use super::super::engine::{Pool, ShopReadTx, sql};
use super::audit_trail::AuditTrail;
use super::inventory::Inventory;
use super::orders::{OrderRow, order};
use crate::domain::{Books, Order, Payment, ShopError, Transfer};
use crate::money::Cents;
use crate::run_id::Tables;

#[derive(Debug)]
pub(super) struct Bookkeeping {
    orders: SqlStr,
    payments: SqlStr,
    transfers: SqlStr,
    confirmations: SqlStr,
    inventory: Arc<Inventory>,
    audit_trail: Arc<AuditTrail>,
}

impl Bookkeeping {
    pub(super) fn new(
        tables: &Tables,
        inventory: Arc<Inventory>,
        audit_trail: Arc<AuditTrail>,
    ) -> Self {
        Bookkeeping {
            orders: sql(format!(
                "SELECT line, customer, units, cents, status FROM {}",
                tables.orders
            )),
            payments: sql(format!(
                "SELECT line, cents, status FROM {}",
                tables.payments
            )),
            transfers: sql(format!(
                "SELECT from_row, to_row, units FROM {}",
                tables.transfers
            )),
            confirmations: sql(format!("SELECT line FROM {}", tables.confirmations)),
            inventory,
            audit_trail,
        }
    }

    /// Everything. The audit trail comes first and by itself: on SQLite it is another database.
    pub(super) async fn books(&self, pool: &Pool) -> Result<Books, ShopError> {
        let audit_records = self.audit_trail.records().await?;
        Ok(Books {
            audit_records,
            ..self.of_shop(pool).await?
        })
    }

    /// The shop's own tables as of one moment: sums of different moments do not agree.
    #[read_only(isolation = repeatable_read)]
    async fn of_shop(&self, tx: ShopReadTx<'_>) -> Result<Books, ShopError> {
        Ok(Books {
            orders: self.orders(&mut tx).await?,
            payments: self.payments(&mut tx).await?,
            stock: self.inventory.levels(&mut tx).await?,
            transfers: self.transfers(&mut tx).await?,
            confirmations: sqlx::query_scalar(self.confirmations.clone())
                .fetch_all(&mut tx)
                .await?,
            audit_records: Vec::new(),
        })
    }

    async fn orders(&self, tx: &mut ShopReadTx<'_>) -> Result<Vec<Order>, ShopError> {
        let rows: Vec<OrderRow> = sqlx::query_as(self.orders.clone()).fetch_all(tx).await?;
        rows.into_iter().map(order).collect()
    }

    async fn payments(&self, tx: &mut ShopReadTx<'_>) -> Result<Vec<Payment>, ShopError> {
        let rows: Vec<(i64, i64, String)> =
            sqlx::query_as(self.payments.clone()).fetch_all(tx).await?;
        rows.into_iter()
            .map(|(line, cents, status)| {
                Ok(Payment {
                    line,
                    amount: Cents(cents),
                    status: status.parse()?,
                })
            })
            .collect()
    }

    async fn transfers(&self, tx: &mut ShopReadTx<'_>) -> Result<Vec<Transfer>, ShopError> {
        let rows: Vec<(i64, i64, i64)> =
            sqlx::query_as(self.transfers.clone()).fetch_all(tx).await?;
        Ok(rows
            .into_iter()
            .map(|(from, to, units)| Transfer { from, to, units })
            .collect())
    }
}
