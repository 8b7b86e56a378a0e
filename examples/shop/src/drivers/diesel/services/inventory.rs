//! Inventory: sixteen rows of stock, taken from by orders and levelled out between each other; knows no money.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use txkit::{read_only, retry_on_conflict, serializable, transactional};

use super::super::engine::{ShopReadTx, ShopTx};
use crate::domain::{Purchase, STOCK_ROWS, ShopError, StockLevel, Transfer, stock_row};
use crate::drivers::diesel_schema::{NewStockRow, NewTransferRow, StockRow, stock, transfers};
use crate::run_id::RunId;

pub(super) struct Inventory {
    run: RunId,
}

impl Inventory {
    pub(super) fn new(run: RunId) -> Self {
        Inventory { run }
    }

    /// Fills every row for the first time.
    #[transactional]
    pub(super) fn stock_up(&self, tx: ShopTx<'_>, units: i64) -> Result<(), ShopError> {
        let run = self.run.as_str();
        for id in 0..STOCK_ROWS {
            let inserted = diesel::insert_into(stock::table)
                .values(NewStockRow { run, id, units })
                .execute(&mut tx);
            match inserted {
                Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                    return Err(ShopError::AlreadyStocked);
                }
                inserted => inserted?,
            };
        }
        Ok(())
    }

    /// Takes a purchase's units from its customer's row: all of them, or the order cannot be.
    #[transactional]
    pub(super) fn take(&self, tx: ShopTx<'_>, purchase: &Purchase) -> Result<(), ShopError> {
        let &Purchase {
            line,
            customer,
            units,
            ..
        } = purchase;
        let row = stock_row(customer);
        if self.take_from(&mut tx, row, units)? {
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
    pub(super) fn level_out(&self, tx: ShopTx<'_>) -> Result<Option<Transfer>, ShopError> {
        let Some(transfer) = Transfer::to_level_out(&self.levels(&mut tx)?) else {
            return Ok(None);
        };
        let Transfer { from, to, units } = transfer;
        if !self.take_from(&mut tx, from, units)? {
            return Ok(None);
        }
        let run = self.run.as_str();
        diesel::update(stock::table.find((run, to)))
            .set(stock::units.eq(stock::units + units))
            .execute(&mut tx)?;
        diesel::insert_into(transfers::table)
            .values(NewTransferRow {
                run,
                from_row: from,
                to_row: to,
                units,
            })
            .execute(&mut tx)?;
        Ok(Some(transfer))
    }

    /// What lies where.
    #[read_only]
    pub(super) fn levels(&self, tx: ShopReadTx<'_>) -> Result<Vec<StockLevel>, ShopError> {
        let rows = stock::table
            .filter(stock::run.eq(self.run.as_str()))
            .order(stock::id)
            .select(StockRow::as_select())
            .load(&mut tx)?;
        Ok(rows.into_iter().map(StockLevel::from).collect())
    }

    /// Whether the row had that many. One statement, so that nobody can come between looking and taking.
    fn take_from(&self, tx: &mut ShopTx<'_>, row: i64, units: i64) -> Result<bool, ShopError> {
        let that_many = stock::table
            .find((self.run.as_str(), row))
            .filter(stock::units.ge(units));
        let taken = diesel::update(that_many)
            .set(stock::units.eq(stock::units - units))
            .execute(tx)?;
        Ok(taken > 0)
    }
}
