//! Traits, their default bodies, generic callers and trait objects.

use std::pin::Pin;

use sqlx::PgPool;
use txkit::sqlx::PgTx;
use txkit::transactional;

trait Payments: Send + Sync {
    fn charge(
        &self,
        tx: &mut PgTx<'_>,
        cents: i64,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    #[transactional]
    async fn refund(&self, tx: &mut PgTx<'_>, cents: i64) -> Result<(), sqlx::Error>
    where
        Self: Sized,
    {
        sqlx::query("INSERT INTO charge VALUES ($1)")
            .bind(-cents)
            .execute(tx)
            .await
            .map(drop)
    }
}

struct Card;

impl Payments for Card {
    #[transactional]
    async fn charge(&self, tx: &mut PgTx<'_>, cents: i64) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO charge VALUES ($1)")
            .bind(cents)
            .execute(tx)
            .await
            .map(drop)
    }
}

#[transactional]
async fn order(tx: PgTx<'_>, payments: &impl Payments) -> Result<(), sqlx::Error> {
    payments.charge(&mut tx, 1).await?;
    payments.refund(&mut tx, 1).await
}

trait Boxed {
    fn charge<'a>(
        &'a self,
        tx: &'a mut PgTx<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'a>>;
}

impl Boxed for Card {
    fn charge<'a>(
        &'a self,
        tx: &'a mut PgTx<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'a>> {
        Box::pin(Payments::charge(self, tx, 1))
    }
}

#[transactional]
async fn order_by_object(tx: PgTx<'_>, payments: &(dyn Boxed + Sync)) -> Result<(), sqlx::Error> {
    payments.charge(&mut tx).await
}

async fn callers(pool: &PgPool) -> Result<(), sqlx::Error> {
    order(pool, &Card).await?;
    order_by_object(pool, &Card).await
}
