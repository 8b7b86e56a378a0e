//! The shop on Diesel, which blocks: plain functions, each call on a thread of its own; the only part that knows of it.
//!
//! As on SQLx, a handle belongs to one kind of connection, and `services/` is written once and compiled once for each
//! `engine.rs`.

mod connect;
mod threads;

pub(crate) mod sqlite {
    //! The services on SQLite.
    mod engine;
    #[allow(clippy::duplicate_mod, reason = "the same services, another engine")]
    #[path = "../services/mod.rs"]
    mod services;
    pub(crate) use services::open;
}

#[cfg(feature = "client-libraries")]
pub(crate) mod postgres {
    //! The services on PostgreSQL.
    mod engine;
    #[allow(clippy::duplicate_mod, reason = "the same services, another engine")]
    #[path = "../services/mod.rs"]
    mod services;
    pub(crate) use services::open;
}

#[cfg(feature = "client-libraries")]
pub(crate) mod mysql {
    //! The services on MariaDB and MySQL.
    mod engine;
    #[allow(clippy::duplicate_mod, reason = "the same services, another engine")]
    #[path = "../services/mod.rs"]
    mod services;
    pub(crate) use services::open;
}
