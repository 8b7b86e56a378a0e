//! The options of section "Options" in the docs: one field each, with the key that gave it.

use std::time::Duration;

use proc_macro2::Span;
use syn::PatIdent;
use syn::ext::IdentExt as _;

use super::{Isolation, Propagation, Spanned};

/// A value that may have been given, once.
pub(crate) type Keyed<T> = Option<Spanned<T>>;

/// What all attributes of one function say together.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) propagation: Keyed<Propagation>,
    pub(crate) isolation: Keyed<Isolation>,
    pub(crate) read_only: Keyed<()>,
    pub(crate) deferrable: Keyed<()>,
    pub(crate) durable: Keyed<()>,
    pub(crate) timeout: Keyed<Duration>,
    pub(crate) statement_timeout: Keyed<Duration>,
    pub(crate) lock_timeout: Keyed<Duration>,
    pub(crate) retry: Keyed<Retry>,
    pub(crate) commit_on: Keyed<syn::Pat>,
    pub(crate) no_mark: Keyed<syn::Pat>,
    pub(crate) on: Keyed<syn::Expr>,
    pub(crate) name: Keyed<syn::LitStr>,
    pub(crate) krate: Keyed<syn::Path>,
}

/// How to retry; what is missing takes the runtime's defaults.
#[derive(Default)]
pub(crate) struct Retry {
    pub(crate) attempts: Keyed<u32>,
    pub(crate) base: Keyed<Duration>,
    pub(crate) cap: Keyed<Duration>,
    pub(crate) budget: Keyed<Duration>,
    pub(crate) also: Keyed<syn::Pat>,
}

/// Every key of `#[transactional(..)]`, in the order of the docs.
pub(crate) const TRANSACTION_KEYS: &[&str] = &[
    "propagation",
    "isolation",
    "read_only",
    "deferrable",
    "timeout",
    "statement_timeout",
    "lock_timeout",
    "retry",
    "commit_on",
    "no_mark",
    "durable",
    "on",
    "name",
    "crate",
];

/// Every key of `retry(..)` and of `#[retry_on_conflict(..)]`.
pub(crate) const RETRY_KEYS: &[&str] = &["attempts", "base", "cap", "budget", "also"];

impl Options {
    pub(crate) fn propagation(&self) -> Propagation {
        self.propagation
            .as_ref()
            .map_or(Propagation::Required, |given| given.value)
    }

    /// The key of an option that was given, by name.
    pub(crate) fn key(&self, name: &str) -> Option<Span> {
        fn span<T>(given: &Keyed<T>) -> Option<Span> {
            given.as_ref().map(|given| given.span)
        }
        match name {
            "isolation" => span(&self.isolation),
            "read_only" => span(&self.read_only),
            "deferrable" => span(&self.deferrable),
            "timeout" => span(&self.timeout),
            "statement_timeout" => span(&self.statement_timeout),
            "lock_timeout" => span(&self.lock_timeout),
            "retry" => span(&self.retry),
            "commit_on" => span(&self.commit_on),
            "no_mark" => span(&self.no_mark),
            "durable" => span(&self.durable),
            "on" => span(&self.on),
            _ => None,
        }
    }
}

/// Whether a name in a pattern binds something, by its looks: what looks like a variant or a constant is left to rustc.
pub(crate) fn is_variable(name: &PatIdent) -> bool {
    let text = name.ident.unraw().to_string();
    let starts_small = text.starts_with(|first: char| first.is_lowercase() || first == '_');
    name.by_ref.is_some() || name.mutability.is_some() || starts_small
}
