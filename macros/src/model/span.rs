//! A value together with the key that gave it.

use proc_macro2::Span;

/// A value and the place to point at when it clashes with another.
#[derive(Clone)]
pub(crate) struct Spanned<T> {
    pub(crate) span: Span,
    pub(crate) value: T,
}
