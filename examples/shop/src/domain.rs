//! The shop's own words: purchases, orders, payments, stock; knows no driver and no database.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::money::Cents;

/// Few on purpose: every worker wants the same rows all the time.
pub(crate) const STOCK_ROWS: i64 = 16;

/// One line of the input. The line number is its identity: equal lines are different purchases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Purchase {
    pub(crate) line: i64,
    pub(crate) customer: i64,
    pub(crate) date: i64,
    pub(crate) units: i64,
    pub(crate) amount: Cents,
}

/// The stock row that serves a customer.
pub(crate) fn stock_row(customer: i64) -> i64 {
    customer.rem_euclid(STOCK_ROWS)
}

/// A purchase as it is handed in. It is handed in again, under the next number, when its fate is unclear.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewOrder {
    pub(crate) purchase: Purchase,
    pub(crate) submission: u32,
}

/// How far an order has come. Nobody but its own transaction ever sees one that is merely placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderStatus {
    Placed,
    Confirmed,
    Cancelled,
}

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaymentStatus {
    Captured,
    Declined,
}

/// An order as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) line: i64,
    pub(crate) customer: i64,
    pub(crate) units: i64,
    pub(crate) amount: Cents,
    pub(crate) status: OrderStatus,
}

/// A payment as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payment {
    pub(crate) line: i64,
    pub(crate) amount: Cents,
    pub(crate) status: PaymentStatus,
}

/// Units that lie in one stock row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StockLevel {
    pub(crate) row: i64,
    pub(crate) units: i64,
}

/// Units moved from one stock row to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) units: i64,
}

impl Transfer {
    /// From the fullest row to the emptiest, half the difference; nothing if they are level.
    pub(crate) fn to_level_out(levels: &[StockLevel]) -> Option<Self> {
        let fullest = levels.iter().max_by_key(|level| level.units)?;
        let emptiest = levels.iter().min_by_key(|level| level.units)?;
        let units = (fullest.units - emptiest.units) / 2;
        (units > 0).then_some(Transfer {
            from: fullest.row,
            to: emptiest.row,
            units,
        })
    }
}

/// That an attempt was made, whatever came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AuditRecord {
    pub(crate) line: i64,
    pub(crate) submission: i64,
    pub(crate) attempt: i64,
}

impl AuditRecord {
    /// The record of one attempt to place `order`.
    pub(crate) fn of(order: &NewOrder, attempt: u32) -> Self {
        AuditRecord {
            line: order.purchase.line,
            submission: order.submission.into(),
            attempt: attempt.into(),
        }
    }
}

/// Everything a run left in the database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    pub(crate) orders: Vec<Order>,
    pub(crate) payments: Vec<Payment>,
    pub(crate) stock: Vec<StockLevel>,
    pub(crate) transfers: Vec<Transfer>,
    /// The order of every confirmation sent.
    pub(crate) confirmations: Vec<i64>,
    pub(crate) audit_records: Vec<AuditRecord>,
}

/// Why the shop did not confirm an order.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShopError {
    #[error("the payment of {amount} for order {line} was declined: the limit is {limit}")]
    PaymentDeclined {
        line: i64,
        amount: Cents,
        limit: Cents,
    },
    #[error("stock row {row} cannot serve order {line}: {units} units are more than it has")]
    OutOfStock { line: i64, row: i64, units: i64 },
    #[error("order {line} is there already")]
    AlreadyPlaced { line: i64 },
    #[error("there is stock already")]
    AlreadyStocked,
    #[error("the database holds a status that is none: `{0}`")]
    UnknownStatus(String),
    #[error(transparent)]
    Transaction(#[from] txkit::Error),
    /// A driver's error; which one is no business of the shop's.
    #[error(transparent)]
    Database(Box<dyn Error + Send + Sync>),
}

impl OrderStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "PLACED",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl PaymentStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Captured => "CAPTURED",
            Self::Declined => "DECLINED",
        }
    }
}

impl FromStr for OrderStatus {
    type Err = ShopError;

    fn from_str(text: &str) -> Result<Self, ShopError> {
        [Self::Placed, Self::Confirmed, Self::Cancelled]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| ShopError::UnknownStatus(text.to_owned()))
    }
}

impl FromStr for PaymentStatus {
    type Err = ShopError;

    fn from_str(text: &str) -> Result<Self, ShopError> {
        [Self::Captured, Self::Declined]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| ShopError::UnknownStatus(text.to_owned()))
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for PaymentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_levels_the_extremes() {
        let level = |row, units| StockLevel { row, units };
        let transfer = Transfer::to_level_out(&[level(0, 5), level(1, 12), level(2, 3)]);
        assert_eq!(
            transfer,
            Some(Transfer {
                from: 1,
                to: 2,
                units: 4
            })
        );
        assert_eq!(Transfer::to_level_out(&[level(0, 4), level(1, 5)]), None);
        assert_eq!(Transfer::to_level_out(&[]), None);
    }

    #[test]
    fn statuses_are_stored_by_name() -> Result<(), ShopError> {
        assert_eq!("CANCELLED".parse::<OrderStatus>()?, OrderStatus::Cancelled);
        assert_eq!(
            "CAPTURED".parse::<PaymentStatus>()?,
            PaymentStatus::Captured
        );
        assert!("cancelled".parse::<OrderStatus>().is_err());
        Ok(())
    }
}
