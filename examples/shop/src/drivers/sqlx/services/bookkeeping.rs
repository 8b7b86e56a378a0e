//! The books: everything a run left behind, read as of one moment; judges nothing.

use std::sync::Arc;

use txkit::read_only;

use super::super::engine::{Pool, ShopReadTx, sql};
use super::audit_trail::AuditTrail;
use super::inventory::Inventory;
use super::orders::{OrderRow, order};
use crate::domain::{Books, Order, Payment, ShopError, Transfer};
use crate::money::Cents;
use crate::run_id::RunId;

#[derive(Debug)]
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
            confirmations: sqlx::query_scalar(sql(
                "SELECT line FROM shop_confirmations WHERE run = ?",
            ))
            .bind(self.run.as_str())
            .fetch_all(&mut tx)
            .await?,
            audit_records: Vec::new(),
        })
    }

    async fn orders(&self, tx: &mut ShopReadTx<'_>) -> Result<Vec<Order>, ShopError> {
        let rows: Vec<OrderRow> = sqlx::query_as(sql(
            "SELECT line, customer, units, cents, status FROM shop_orders WHERE run = ?",
        ))
        .bind(self.run.as_str())
        .fetch_all(tx)
        .await?;
        rows.into_iter().map(order).collect()
    }

    async fn payments(&self, tx: &mut ShopReadTx<'_>) -> Result<Vec<Payment>, ShopError> {
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(sql(
            "SELECT line, cents, status FROM shop_payments WHERE run = ?",
        ))
        .bind(self.run.as_str())
        .fetch_all(tx)
        .await?;
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
        let rows: Vec<(i64, i64, i64)> = sqlx::query_as(sql(
            "SELECT from_row, to_row, units FROM shop_transfers WHERE run = ?",
        ))
        .bind(self.run.as_str())
        .fetch_all(tx)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(from, to, units)| Transfer { from, to, units })
            .collect())
    }
}
