#![doc = include_str!("../../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod call;
mod clock;
mod conflict;
mod connection;
mod definition;
mod drivers;
mod engine;
mod error;
mod gate;
mod hooks;
mod outcome;
mod programmatic;
mod run;
mod seat;
mod source;
mod state;
mod statement;
mod tx;

pub mod observe;
pub mod retry;
pub mod test;

#[doc(hidden)]
pub mod __private;

pub use clock::Clock;
pub use conflict::{Conflict, Damage, Failure};
pub use definition::{Definition, Isolation, Location, Propagation, Retry};
pub use error::{BoxError, Cause, Error};
pub use hooks::{HookOutput, IntoHook, Reason, RolledBack};
pub use outcome::{Outcome, TransactionResult};
pub use programmatic::{Open, begin, transaction};
pub use source::{Begin, Pool, Source};
pub use tx::{Allows, InTransaction, Read, ReadTx, Session, Tx, Unbound, Write};

pub use connection::{AsyncConnection, BlockingConnection, Connection};

#[cfg(feature = "_sqlx")]
pub use drivers::sqlx;

pub use txkit_macros::{read_only, retry_on_conflict, serializable, transactional};

pub mod prelude {
    //! The four attributes and the handles. Not the driver modules: their names are those of the drivers' crates.

    pub use crate::{
        ReadTx, Session, Tx, read_only, retry_on_conflict, serializable, transactional,
    };
}
