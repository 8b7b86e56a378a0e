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
use super::super::connect;
use super::engine::{self, Pool};
use crate::database::DatabaseError;
use crate::domain::{Books, NewOrder, Order, ShopError, Transfer};
use crate::job::Setup;
use crate::run_id::Tables;
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

/// Makes the run's tables, fills the stock and opens the shop.
pub(crate) async fn open(setup: &Setup) -> Result<Services, DatabaseError> {
    let (pool, audit_pool) = engine::pools(setup).await?;
    let tables = Tables::of(&setup.run);
    tables::create(&pool, &audit_pool, &tables, &setup.target).await?;
    let shop = Services::new(pool, audit_pool, &tables, setup);
    let stocked = shop
        .inventory
        .stock_up(&shop.pool, setup.stock_per_row)
        .await;
    stocked.map_err(|error| connect::unreachable(&setup.target, error))?;
    Ok(shop)
}

impl Services {
    fn new(pool: Pool, audit_pool: Pool, tables: &Tables, setup: &Setup) -> Self {
        let inventory = Arc::new(Inventory::new(tables));
        let audit_trail = Arc::new(AuditTrail::new(audit_pool.clone(), tables));
        let orders = Orders::new(
            tables,
            Payments::new(tables, setup.limit),
            Arc::clone(&inventory),
            Arc::clone(&audit_trail),
            Mailer::new(pool.clone(), tables),
        );
        let bookkeeping = Arc::new(Bookkeeping::new(
            tables,
            Arc::clone(&inventory),
            audit_trail,
        ));
        Services {
            pool,
            audit_pool,
            orders: Arc::new(orders),
            inventory,
            bookkeeping,
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
