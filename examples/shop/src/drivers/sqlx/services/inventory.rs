//! Inventory: sixteen rows of stock, taken from by orders and levelled out between each other; knows no money.

use txkit::{read_only, retry_on_conflict, serializable, transactional};

use super::super::engine::{ShopReadTx, ShopTx, sql};
use crate::domain::{Purchase, STOCK_ROWS, ShopError, StockLevel, Transfer, stock_row};
use crate::run_id::RunId;

#[derive(Debug)]
pub(super) struct Inventory {
    run: RunId,
}

impl Inventory {
    pub(super) fn new(run: RunId) -> Self {
        Inventory { run }
    }

    /// Fills every row for the first time.
    #[transactional]
    pub(super) async fn stock_up(&self, tx: ShopTx<'_>, units: i64) -> Result<(), ShopError> {
        for row in 0..STOCK_ROWS {
            let inserted = sqlx::query(sql(
                "INSERT INTO shop_stock (run, id, units) VALUES (?, ?, ?)",
            ))
            .bind(self.run.as_str())
            .bind(row)
            .bind(units)
            .execute(&mut tx)
            .await;
            match inserted {
                Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                    return Err(ShopError::AlreadyStocked);
                }
                inserted => inserted?,
            };
        }
        Ok(())
    }

    /// Takes a purchase's units from its customer's row: all of them, or the order cannot be.
    #[transactional]
    pub(super) async fn take(&self, tx: ShopTx<'_>, purchase: &Purchase) -> Result<(), ShopError> {
        let &Purchase {
            line,
            customer,
            units,
            ..
        } = purchase;
        let row = stock_row(customer);
        if self.take_from(&mut tx, row, units).await? {
            return Ok(());
        }
        Err(ShopError::OutOfStock { line, row, units })
    }

    /// Moves half the difference from the fullest row to the emptiest.
    ///
    /// What it writes depends on all that it read, so it must be as if nobody else were there; who comes between makes
    /// it start again.
    #[serializable]
    #[retry_on_conflict(attempts = 20)]
    pub(super) async fn level_out(&self, tx: ShopTx<'_>) -> Result<Option<Transfer>, ShopError> {
        let Some(transfer) = Transfer::to_level_out(&self.levels(&mut tx).await?) else {
            return Ok(None);
        };
        let Transfer { from, to, units } = transfer;
        if !self.take_from(&mut tx, from, units).await? {
            return Ok(None);
        }
        sqlx::query(sql(
            "UPDATE shop_stock SET units = units + ? WHERE run = ? AND id = ?",
        ))
        .bind(units)
        .bind(self.run.as_str())
        .bind(to)
        .execute(&mut tx)
        .await?;
        sqlx::query(sql(
            "INSERT INTO shop_transfers (run, from_row, to_row, units) VALUES (?, ?, ?, ?)",
        ))
        .bind(self.run.as_str())
        .bind(from)
        .bind(to)
        .bind(units)
        .execute(&mut tx)
        .await?;
        Ok(Some(transfer))
    }

    /// What lies where.
    #[read_only]
    pub(super) async fn levels(&self, tx: ShopReadTx<'_>) -> Result<Vec<StockLevel>, ShopError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql(
            "SELECT id, units FROM shop_stock WHERE run = ? ORDER BY id",
        ))
        .bind(self.run.as_str())
        .fetch_all(&mut tx)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(row, units)| StockLevel { row, units })
            .collect())
    }

    /// Whether the row had that many. One statement, so that nobody can come between looking and taking.
    async fn take_from(
        &self,
        tx: &mut ShopTx<'_>,
        row: i64,
        units: i64,
    ) -> Result<bool, ShopError> {
        let taken = sqlx::query(sql(
            "UPDATE shop_stock SET units = units - ? WHERE run = ? AND id = ? AND units >= ?",
        ))
        .bind(units)
        .bind(self.run.as_str())
        .bind(row)
        .bind(units)
        .execute(tx)
        .await?;
        Ok(taken.rows_affected() > 0)
    }
}
