//! The item when something is wrong with it: callers and the body still compile, so that one mistake is one error.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{FnArg, Pat, Signature, Type};

use super::inline::drop_lifetimes_of;
use crate::check::{Sort, corrected, erased, find_boxed, last_segment, peel, sort, split};
use crate::model::Function;

/// `disappears`: the handle is not the caller's, as `on = ..` says.
pub(crate) fn fallback(function: &Function, disappears: bool) -> TokenStream {
    let (attrs, vis, body) = (&function.attrs, &function.vis, &function.body);
    let mut sig = function.sig.clone();
    sig.constness = None;
    let bound = split(function)
        .1
        .filter(|_| disappears || !returns_box(function))
        .and_then(|it| bound(&it.pat, &it.ty, disappears));
    let Some((pat, ty)) = bound else {
        return quote!(#(#attrs)* #vis #sig #body);
    };
    change(&mut sig, disappears);
    let tokens = &body.tokens;
    quote! {
        #(#attrs)*
        #[allow(warnings, clippy::all, clippy::pedantic)]
        #vis #sig {
            let #pat: #ty = ::core::unreachable!();
            #tokens
        }
    }
}

/// What `#[async_trait]` makes has to go on matching its trait.
fn returns_box(function: &Function) -> bool {
    function.sig.asyncness.is_none() && find_boxed(function).is_some()
}

/// The handle as the body sees it, if the signature does not give it.
fn bound(pat: &Pat, ty: &Type, disappears: bool) -> Option<(TokenStream, Type)> {
    let name = match pat {
        Pat::Ident(it) => {
            let ident = &it.ident;
            quote!(mut #ident)
        }
        other => quote!(#other),
    };
    let by_value = last_segment(ty).is_some_and(|it| {
        matches!(
            sort(&it.ident.to_string()),
            Sort::Write | Sort::Read | Sort::Session
        )
    });
    (by_value || disappears).then(|| (name, erased(&corrected(peel(ty)))))
}

fn change(sig: &mut Signature, disappears: bool) {
    let index = usize::from(sig.receiver().is_some());
    if let (true, Some(FnArg::Typed(handle))) = (disappears, sig.inputs.get(index)) {
        let ty = (*handle.ty).clone();
        drop_lifetimes_of(sig, &ty);
    }
    let inputs = std::mem::take(&mut sig.inputs);
    for (at, input) in inputs.into_iter().enumerate() {
        match input {
            FnArg::Typed(_) if at == index && disappears => (),
            FnArg::Typed(mut handle) if at == index => {
                *handle.pat = syn::parse_quote!(_);
                *handle.ty = syn::parse_quote!(impl ::core::marker::Sized);
                sig.inputs.push(FnArg::Typed(handle));
            }
            other => sig.inputs.push(other),
        }
    }
}
