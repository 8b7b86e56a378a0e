//! The services, put together as a shop; compiled once per engine, whose types they take from `engine.rs`.

mod audit_trail;
mod bookkeeping;
mod inventory;
mod mailer;
mod orders;
mod payments;
mod tables;

use std::sync::Arc;

use self::audit_trail::AuditTrail;
use self::bookkeeping::Bookkeeping;
use self::inventory::Inventory;
use self::mailer::Mailer;
use self::orders::Orders;
use self::payments::Payments;
use super::super::threads::on_a_thread;
use super::engine::{self, Pool};
use crate::database::DatabaseError;
use crate::domain::{Books, NewOrder, Order, ShopError, Transfer};
use crate::job::Setup;
use crate::schema;
use crate::shop::Shop;

/// The shop. A call that comes in from outside begins with the pool; the services hand on their transaction.
#[derive(Clone)]
pub(crate) struct Services {
    pool: Pool,
    orders: Arc<Orders>,
    inventory: Arc<Inventory>,
    bookkeeping: Arc<Bookkeeping>,
}

/// Makes the tables, fills the run's stock and opens the shop.
pub(crate) async fn open(setup: &Setup) -> Result<Services, DatabaseError> {
    let (pool, audit_pool) = engine::pools(setup).await?;
    let shop = Services::new(pool, audit_pool.clone(), setup);
    let (opened, setup) = (shop.clone(), setup.clone());
    on_a_thread(move || opened.prepare(&audit_pool, &setup)).await?;
    Ok(shop)
}

impl Services {
    fn new(pool: Pool, audit_pool: Pool, setup: &Setup) -> Self {
        let run = || setup.run.clone();
        let inventory = Arc::new(Inventory::new(run()));
        let audit_trail = Arc::new(AuditTrail::new(audit_pool, run()));
        let orders = Orders::new(
            run(),
            Payments::new(run(), setup.limit),
            Arc::clone(&inventory),
            Arc::clone(&audit_trail),
            Mailer::new(pool.clone(), run()),
        );
        let bookkeeping = Bookkeeping::new(run(), Arc::clone(&inventory), audit_trail);
        Services {
            pool,
            orders: Arc::new(orders),
            inventory,
            bookkeeping: Arc::new(bookkeeping),
        }
    }

    fn prepare(&self, audit_pool: &Pool, setup: &Setup) -> Result<(), DatabaseError> {
        tables::create(&self.pool, schema::SHOP, &setup.target)?;
        tables::create(audit_pool, schema::AUDIT_TRAIL, &setup.target)?;
        let stocked = self.inventory.stock_up(&self.pool, setup.stock_per_row);
        stocked.map_err(|error| setup.unopened(&error))
    }
}

impl Shop for Services {
    async fn place_order(&self, order: NewOrder) -> Result<(), ShopError> {
        let (orders, pool) = (Arc::clone(&self.orders), self.pool.clone());
        on_a_thread(move || orders.place(&pool, order)).await
    }

    async fn order_history(&self, customer: i64) -> Result<Vec<Order>, ShopError> {
        let (orders, pool) = (Arc::clone(&self.orders), self.pool.clone());
        on_a_thread(move || orders.history(&pool, customer)).await
    }

    async fn level_out_stock(&self) -> Result<Option<Transfer>, ShopError> {
        let (inventory, pool) = (Arc::clone(&self.inventory), self.pool.clone());
        on_a_thread(move || inventory.level_out(&pool)).await
    }

    async fn books(&self) -> Result<Books, ShopError> {
        let (bookkeeping, pool) = (Arc::clone(&self.bookkeeping), self.pool.clone());
        on_a_thread(move || bookkeeping.books(&pool)).await
    }

    /// Nothing to do: a pool closes its connections when its last handle is gone.
    async fn close(&self) {}
}
