//! What the patterns say of a returned error.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Pat;
use syn::spanned::Spanned as _;

use super::names;
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
    let known = names::known(pattern).map(|known| {
        quote_spanned! {Span::mixed_site().located_at(pattern.span())=>
            #[allow(unreachable_patterns, clippy::wildcard_in_or_patterns)]
            if false {
                match #error { #known | _ => {} }
            }
        }
    });
    Some(quote! {
        .#method({
            #known
            #[allow(unreachable_patterns, clippy::match_like_matches_macro, clippy::wildcard_in_or_patterns)]
            match #error { #pattern => true, _ => false }
        })
    })
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
