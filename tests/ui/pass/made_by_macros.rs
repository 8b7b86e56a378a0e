//! Functions, handles and options that come out of a `macro_rules!` macro.

use sqlx::PgPool;
use txkit::{retry_on_conflict, sqlx::PgTx, transactional};

macro_rules! table {
    ($name:ident, $tx:ident, $handle:ty, $ret:ty, $sql:literal, $attempts:literal, $($arg:ident: $ty:ty),*) => {
        #[transactional]
        #[retry_on_conflict(attempts = $attempts)]
        async fn $name($tx: $handle $(, $arg: $ty)*) -> $ret {
            sqlx::query($sql)$(.bind($arg))*.execute(&mut $tx).await.map(drop)
        }
    };
}

table!(place, tx, PgTx<'_>, Result<(), sqlx::Error>, "INSERT INTO orders VALUES ($1)", 5, id: i64);

macro_rules! joining {
    ($name:ident) => {
        #[transactional]
        async fn $name(tx: PgTx<'_>) -> Result<(), sqlx::Error> {
            place(&mut tx, 1).await
        }
    };
}

joining!(order);

async fn callers(pool: &PgPool) -> Result<(), sqlx::Error> {
    order(pool).await
}
