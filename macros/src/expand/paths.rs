//! The one place that knows how the runtime is reached.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use crate::check::{Checked, last_segment, type_arguments};
use crate::model::Propagation;

/// `::txkit::__private`, or what `crate = path` makes of it.
pub(super) struct Private<'a> {
    given: Option<&'a syn::Path>,
    span: Span,
}

/// For what no user's token is to blame.
pub(super) fn private<'a>(checked: &'a Checked<'_>) -> Private<'a> {
    private_at(checked, Span::mixed_site())
}

/// One span for a whole expression: rustc reports a bound that fails once for each place that asks for it.
pub(super) fn private_at<'a>(checked: &'a Checked<'_>, span: Span) -> Private<'a> {
    let given = checked.options().krate.as_ref().map(|given| &given.value);
    Private { given, span }
}

impl ToTokens for Private<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self.given {
            Some(path) => quote!(#path::__private),
            None => quote_spanned!(self.span=> ::txkit::__private),
        });
    }
}

/// The bound of a generic connection, for an item that is not expanded.
pub(super) fn async_connection(runtime: Option<syn::Path>) -> TokenStream {
    match runtime {
        Some(path) => quote!(#path::__private::AsyncConnection),
        None => quote!(::txkit::__private::AsyncConnection),
    }
}

/// Hygienic, and where the user wrote what an error there would be about.
pub(super) fn at(tokens: &impl ToTokens) -> Span {
    Span::mixed_site().located_at(tokens.span())
}

/// Where the handle's type was written: what asks for a connection.
pub(super) fn at_handle(checked: &Checked<'_>) -> Span {
    at(&checked.handle().ty)
}

/// Where the handle was named: what a borrow that lasts too long is of.
pub(super) fn at_name(checked: &Checked<'_>) -> Span {
    at(&checked.handle().parameter.pat)
}

/// Where the error type was written: what asks that a failed commit can be reported (R25).
pub(super) fn at_error(checked: &Checked<'_>) -> Span {
    let ret: &Type = checked.ret();
    match last_segment(ret).and_then(|last| type_arguments(last).nth(1)) {
        Some(error) => at(error),
        None => at(ret),
    }
}

/// What the callee accepts: the `P` of `Begin<H, P>`.
pub(super) fn accepts(checked: &Checked<'_>) -> TokenStream {
    let span = at_handle(checked);
    let private = private_at(checked, span);
    let options = checked.options();
    match options.propagation() {
        _ if options.durable.is_some() => quote_spanned!(span=> #private::Outermost),
        Propagation::Never => quote_spanned!(span=> #private::Outside),
        _ => quote_spanned!(span=> #private::Anywhere),
    }
}
