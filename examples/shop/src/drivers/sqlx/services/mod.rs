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
use super::engine::{self, Pool};
use crate::database::DatabaseError;
use crate::domain::{Books, NewOrder, Order, ShopError, Transfer};
use crate::job::Setup;
use crate::schema;
use crate::shop::Shop;

/// The shop. A call that comes in from outside begins with the pool; the services hand on their transaction.
#[derive(Clone, Debug)]
pub(crate) struct Services {
    pool: Pool,
    audit_pool: Pool,
    orders: Arc<Orders>,
    inventory: Arc<Inventory>,
    bookkeeping: Arc<Bookkeeping>,
}

/// Makes the tables, fills the run's stock and opens the shop.
pub(crate) async fn open(setup: &Setup) -> Result<Services, DatabaseError> {
    let (pool, audit_pool) = engine::pools(setup).await?;
    tables::create(&pool, schema::SHOP, &setup.target).await?;
    tables::create(&audit_pool, schema::AUDIT_TRAIL, &setup.target).await?;
    let shop = Services::new(pool, audit_pool, setup);
    let stocked = shop
        .inventory
        .stock_up(&shop.pool, setup.stock_per_row)
        .await;
    stocked.map_err(|error| setup.unopened(&error))?;
    Ok(shop)
}

impl Services {
    fn new(pool: Pool, audit_pool: Pool, setup: &Setup) -> Self {
        let run = || setup.run.clone();
        let inventory = Arc::new(Inventory::new(run()));
        let audit_trail = Arc::new(AuditTrail::new(audit_pool.clone(), run()));
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
            audit_pool,
            orders: Arc::new(orders),
            inventory,
            bookkeeping: Arc::new(bookkeeping),
        }
    }
}

impl Shop for Services {
    async fn place_order(&self, order: NewOrder) -> Result<(), ShopError> {
        self.orders.place(&self.pool, order).await
    }

    async fn order_history(&self, customer: i64) -> Result<Vec<Order>, ShopError> {
        self.orders.history(&self.pool, customer).await
    }

    async fn level_out_stock(&self) -> Result<Option<Transfer>, ShopError> {
        self.inventory.level_out(&self.pool).await
    }

    async fn books(&self) -> Result<Books, ShopError> {
        self.bookkeeping.books(&self.pool).await
    }

    async fn close(&self) {
        self.pool.close().await;
        self.audit_pool.close().await;
    }
}
