//! The replay against a shop in memory, whose answers can be made to get lost.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::*;
use crate::domain::{Books, Order, Transfer};
use crate::money::Cents;

/// What goes wrong on the first submission of each purchase.
#[derive(Clone, Copy)]
enum Trouble {
    None,
    /// Nothing is stored.
    Lost,
    /// It is stored all the same.
    Unknown,
    /// It is lost however often it is handed in.
    Always,
}

#[derive(Clone)]
struct FakeShop {
    trouble: Trouble,
    orders: Arc<Mutex<BTreeMap<i64, Order>>>,
}

impl FakeShop {
    fn new(trouble: Trouble) -> Self {
        Self {
            trouble,
            orders: Arc::default(),
        }
    }

    fn orders(&self) -> MutexGuard<'_, BTreeMap<i64, Order>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, purchase: Purchase) -> Result<(), ShopError> {
        let Purchase {
            line,
            customer,
            units,
            amount,
            ..
        } = purchase;
        let order = Order {
            line,
            customer,
            units,
            amount,
            status: OrderStatus::Confirmed,
        };
        self.orders()
            .insert(line, order)
            .map_or(Ok(()), |_| Err(ShopError::AlreadyPlaced { line }))
    }
}

fn lost() -> Result<(), ShopError> {
    Err(ShopError::Database("the connection was lost".into()))
}

impl Shop for FakeShop {
    async fn place_order(&self, order: NewOrder) -> Result<(), ShopError> {
        match self.trouble {
            Trouble::Always => lost(),
            Trouble::Lost if order.submission == 1 => lost(),
            Trouble::Unknown if order.submission == 1 => {
                self.store(order.purchase).and_then(|()| lost())
            }
            _ => self.store(order.purchase),
        }
    }

    async fn order_history(&self, customer: i64) -> Result<Vec<Order>, ShopError> {
        Ok(self
            .orders()
            .values()
            .filter(|order| order.customer == customer)
            .cloned()
            .collect())
    }

    async fn level_out_stock(&self) -> Result<Option<Transfer>, ShopError> {
        Ok(None)
    }

    async fn books(&self) -> Result<Books, ShopError> {
        Ok(Books::default())
    }

    async fn close(&self) {}
}

fn purchases(lines: i64) -> Vec<Purchase> {
    (1..=lines)
        .map(|line| Purchase {
            line,
            customer: line % 7,
            date: 19_970_101,
            units: 1,
            amount: Cents(1),
        })
        .collect()
}

async fn replayed(trouble: Trouble, workers: u32) -> Result<(usize, usize), BrokenOff> {
    let shop = FakeShop::new(trouble);
    let replayed = replay(&shop, purchases(120), workers, &ProgressBar::hidden()).await?;
    let confirmed = replayed
        .settled
        .iter()
        .filter(|settled| settled.answer == Answer::Confirmed)
        .count();
    let stored = shop.orders().len();
    Ok((confirmed, stored))
}

#[tokio::test(start_paused = true)]
async fn every_purchase_is_settled_once() -> Result<(), BrokenOff> {
    assert_eq!(replayed(Trouble::None, 1).await?, (120, 120));
    assert_eq!(replayed(Trouble::None, 32).await?, (120, 120));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_purchase_that_was_lost_is_handed_in_again() -> Result<(), BrokenOff> {
    assert_eq!(replayed(Trouble::Lost, 4).await?, (120, 120));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_purchase_whose_answer_was_lost_is_found() -> Result<(), BrokenOff> {
    assert_eq!(replayed(Trouble::Unknown, 4).await?, (120, 120));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn trouble_that_does_not_end_ends_the_run() {
    let error = replayed(Trouble::Always, 4)
        .await
        .map_err(|error| crate::job::chain(&error));
    assert!(error.is_err_and(
        |told| told.ends_with(": the connection was lost") && told.contains("at line ")
    ));
}
