//! The four attributes of txkit: parse, check, expand. It must not know of any driver or engine.
//!
//! Their documentation lives at the re-export in `txkit`, where its examples are compiled and run.

use proc_macro::TokenStream;

use crate::model::Kind;

mod check;
mod diag;
mod expand;
mod model;
mod parse;
mod pipeline;
#[cfg(test)]
mod tests;

/// Runs the function in a transaction.
#[proc_macro_attribute]
pub fn transactional(args: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::expand(Kind::Transactional, args.into(), item.into()).into()
}

/// Runs the function in a transaction that only reads.
#[proc_macro_attribute]
pub fn read_only(args: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::expand(Kind::ReadOnly, args.into(), item.into()).into()
}

/// Runs the function in a serializable transaction.
#[proc_macro_attribute]
pub fn serializable(args: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::expand(Kind::Serializable, args.into(), item.into()).into()
}

/// Runs the function in a transaction, and again if it met a conflict.
#[proc_macro_attribute]
pub fn retry_on_conflict(args: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::expand(Kind::RetryOnConflict, args.into(), item.into()).into()
}
