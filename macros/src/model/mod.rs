//! What the attributes say and what they stand on, as data; knows nothing of tokens to come or go.

mod function;
mod kind;
mod options;
mod span;
mod words;

pub(crate) use function::{Body, Function};
pub(crate) use kind::Kind;
pub(crate) use options::{Keyed, Options, RETRY_KEYS, Retry, TRANSACTION_KEYS, is_variable};
pub(crate) use span::Spanned;
pub(crate) use words::{Isolation, Propagation, Word};
