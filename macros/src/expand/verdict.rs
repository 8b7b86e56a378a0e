//! What the patterns say of a returned error.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Pat, PatIdent};

use super::paths::{at_error, private, private_at};
use crate::check::{Checked, Form, Sort, erased};
use crate::model::Keyed;

/// The verdict on `__caught`, an expression.
pub(super) fn verdict(checked: &Checked<'_>) -> TokenStream {
    let private = private(checked);
    let options = checked.options();
    let commit = matched("commit", &options.commit_on);
    let no_mark = matched("no_mark", &options.no_mark);
    let retry = options.retry.as_ref();
    let also = retry.and_then(|retry| matched("also", &retry.value.also));
    let conflict = conflict(checked);
    let whole = conflict
        .is_some()
        .then(|| quote_spanned!(Span::mixed_site()=> __value @));
    quote_spanned! {Span::mixed_site()=>
        match #private::Caught::value(&__caught) {
            ::core::option::Option::Some(#whole ::core::result::Result::Err(__error)) => {
                use #private::{ViaDebug as _, ViaDisplay as _, ViaName as _};
                #private::Verdict::default()
                    #commit #no_mark #also #conflict
                    .described((&&&#private::Described(__error)).text())
            }
            _ => #private::Verdict::default(),
        }
    }
}

fn matched(method: &str, pattern: &Keyed<Pat>) -> Option<TokenStream> {
    let pattern = &pattern.as_ref()?.value;
    let method = format_ident!("{method}", span = Span::mixed_site());
    let error = quote_spanned!(Span::mixed_site()=> __error);
    let constants = constants(pattern)
        .into_iter()
        .map(|name| quote_spanned!(name.span()=> const _: fn() = || { let _ = #name; };));
    let pattern = resolved(pattern);
    Some(quote! {
        .#method({
            #(#constants)*
            #[allow(unreachable_patterns, clippy::match_like_matches_macro, clippy::wildcard_in_or_patterns, clippy::unneeded_struct_pattern)]
            match #error { #pattern => true, _ => false }
        })
    })
}

/// A name alone would be a variable if it were not in scope, and match every error: with braces it is a variant, or nothing.
fn resolved(pattern: &Pat) -> TokenStream {
    match pattern {
        Pat::Ident(name) if is_variant(name) => {
            let name = &name.ident;
            quote_spanned!(name.span()=> #name {})
        }
        Pat::Or(or) => {
            let cases = or.cases.iter().map(resolved);
            quote!(#(#cases)|*)
        }
        Pat::Paren(inner) => {
            let inner = resolved(&inner.pat);
            quote!((#inner))
        }
        other => quote!(#other),
    }
}

fn is_variant(name: &PatIdent) -> bool {
    name.subpat.is_none() && name.ident.to_string().contains(char::is_lowercase)
}

/// Constants stand for themselves, and are looked up beside the pattern.
fn constants(pattern: &Pat) -> Vec<&Ident> {
    match pattern {
        Pat::Ident(name) if name.subpat.is_none() && !is_variant(name) => vec![&name.ident],
        Pat::Or(or) => or.cases.iter().flat_map(constants).collect(),
        Pat::Paren(inner) => constants(&inner.pat),
        _ => Vec::new(),
    }
}

/// Nothing is witnessed through a bare connection: there the returned error's own chain tells a conflict (R17).
fn conflict(checked: &Checked<'_>) -> Option<TokenStream> {
    let handle = checked.handle();
    let bare =
        handle.form == Form::ByRef && matches!(handle.sort, Sort::Connection | Sort::Unknown);
    if !bare || checked.options().retry.is_none() {
        return None;
    }
    let span = at_error(checked);
    let private = private_at(checked, span);
    let referent = erased(&handle.ty);
    Some(quote_spanned!(span=> .conflict(#private::conflict_of::<#referent, _, _>(__value))))
}
