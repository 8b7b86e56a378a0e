//! What the replay and the audit need of a shop; every driver provides one, and its services live there.

use crate::domain::{Books, NewOrder, Order, ShopError, Transfer};

/// A shop that is open for business. Clones are the same shop.
pub(crate) trait Shop: Clone + Send + Sync + 'static {
    /// Takes the order's payment and units and confirms it: `Ok` is a promise to the customer.
    fn place_order(&self, order: NewOrder) -> impl Future<Output = Result<(), ShopError>> + Send;

    /// What a customer has ordered so far.
    fn order_history(
        &self,
        customer: i64,
    ) -> impl Future<Output = Result<Vec<Order>, ShopError>> + Send;

    /// Moves units from the fullest stock row to the emptiest.
    fn level_out_stock(&self) -> impl Future<Output = Result<Option<Transfer>, ShopError>> + Send;

    /// Everything the run has left in the database, as of one moment.
    fn books(&self) -> impl Future<Output = Result<Books, ShopError>> + Send;

    /// Lets go of the database in good order. Nothing can be asked of the shop afterwards.
    fn close(&self) -> impl Future<Output = ()> + Send;
}
