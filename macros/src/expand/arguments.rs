//! The parameters after the handle, in their three roles: declared outside, declared inside, bound for an attempt.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Pat;

use super::paths::{at, private_at};
use crate::check::{Argument, Checked, Replay};

/// As a name that can be passed on: patterns and `mut` are the body's business.
pub(super) fn named(argument: &Argument<'_>) -> TokenStream {
    let (attrs, ident, ty) = (argument.attrs(), &argument.ident, &argument.parameter.ty);
    quote!(#(#attrs)* #ident: #ty)
}

/// As the function that holds the body declares it: as written, unless each attempt gets a clone.
pub(super) fn declared(checked: &Checked<'_>, argument: &Argument<'_>) -> TokenStream {
    if clones(checked, argument) {
        return named(argument);
    }
    let parameter = argument.parameter;
    quote!(#parameter)
}

/// `let PATTERN = replay(&argument);` for each argument that an attempt must not use up.
pub(super) fn replayed(checked: &Checked<'_>) -> TokenStream {
    let each = checked.arguments().iter().filter(|it| clones(checked, it));
    each.map(|argument| {
        let ident = &argument.ident;
        let pattern: &Pat = &argument.parameter.pat;
        let span = at(&argument.parameter.ty);
        let private = private_at(checked, span);
        let value = quote_spanned!(span=> #private::replay(&#ident));
        let attrs = argument.attrs();
        quote!(#(#attrs)* let #pattern = #value;)
    })
    .collect()
}

fn clones(checked: &Checked<'_>, argument: &Argument<'_>) -> bool {
    checked.options().retry.is_some() && argument.replay == Replay::Clone
}
