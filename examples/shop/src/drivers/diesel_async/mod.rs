//! The shop on diesel-async; the only part that knows of it.
//!
//! The services differ from those on Diesel by `async` and `.await`, and are compiled once for each `engine.rs` as well.

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
