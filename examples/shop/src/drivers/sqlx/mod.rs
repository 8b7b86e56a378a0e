//! The shop on SQLx; the only part that knows of it.
//!
//! SQLx's types belong to one database each, and so do the handles of a transaction. A service for one database names
//! them (`tx: PgTx<'_>`). This shop runs on three, so `services/` is written once, against the names that each
//! `engine.rs` gives to its own types, and compiled once for each.

mod connect;

pub(crate) mod sqlite {
    //! The services on SQLite.
    mod engine;
    #[allow(clippy::duplicate_mod, reason = "the same services, another engine")]
    #[path = "../services/mod.rs"]
    mod services;
    pub(crate) use services::open;
}

pub(crate) mod postgres {
    //! The services on PostgreSQL.
    mod engine;
    #[allow(clippy::duplicate_mod, reason = "the same services, another engine")]
    #[path = "../services/mod.rs"]
    mod services;
    pub(crate) use services::open;
}

pub(crate) mod mysql {
    //! The services on MariaDB and MySQL.
    mod engine;
    #[allow(clippy::duplicate_mod, reason = "the same services, another engine")]
    #[path = "../services/mod.rs"]
    mod services;
    pub(crate) use services::open;
}

use crate::domain::ShopError;

impl From<sqlx::Error> for ShopError {
    fn from(error: sqlx::Error) -> Self {
        ShopError::Database(Box::new(error))
    }
}
