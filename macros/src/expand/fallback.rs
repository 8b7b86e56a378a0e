//! The item when something is wrong with it: callers and the body still compile, so that one mistake is one error.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, Pat, Signature, Type};

use super::boxed::rebind_mutably;
use super::inline::drop_lifetimes_of;
use super::paths::async_connection;
use crate::check::{
    Sort, connection_of, corrected, erased, find_boxed, last_segment, peel, sort, split,
    unbound_connection,
};
use crate::model::Function;

/// `disappears`: the handle is not the caller's, as `on = ..` says. `runtime`: what `crate = ..` says.
pub(crate) fn fallback(
    function: &Function,
    disappears: bool,
    runtime: Option<syn::Path>,
) -> TokenStream {
    let (attrs, vis, body) = (&function.attrs, &function.vis, &function.body);
    let mut sig = function.sig.clone();
    sig.constness = None;
    // A parameter that was never meant as the handle stays the caller's.
    let disappears = disappears
        && split(function)
            .1
            .is_some_and(|it| is_handle(&it.ty) || instead_of_handle(&it.ty));
    bind_connection(&mut sig, runtime);
    let bound = split(function)
        .1
        .filter(|_| disappears || !returns_box(function))
        .and_then(|it| bound(&it.pat, &it.ty, disappears));
    let Some((pat, ty)) = bound else {
        let body = boxed(function).unwrap_or_else(|| quote!(#body));
        make_mutable(&mut sig);
        return quote!(#(#attrs)* #[allow(unused_mut)] #vis #sig #body);
    };
    change(&mut sig, disappears);
    let tokens = &body.tokens;
    quote! {
        #(#attrs)*
        #[allow(warnings, unused, clippy::all, clippy::pedantic)]
        #vis #sig {
            let #pat: #ty = ::core::unreachable!();
            #tokens
        }
    }
}

/// A type parameter that lacks its bound is told once, not for each use.
fn bind_connection(sig: &mut Signature, runtime: Option<syn::Path>) {
    let index = usize::from(sig.receiver().is_some());
    let Some(FnArg::Typed(handle)) = sig.inputs.get(index) else {
        return;
    };
    let ty = match peel(&handle.ty) {
        Type::Reference(it) => peel(&it.elem).clone(),
        other => other.clone(),
    };
    if let Some(ident) = unbound_connection(&sig.generics, &ty) {
        let connection = async_connection(runtime);
        let clause = sig.generics.make_where_clause();
        clause
            .predicates
            .push(syn::parse_quote!(#ident: #connection));
    }
}

/// `&mut tx` means a handle, wherever it was declared.
fn make_mutable(sig: &mut Signature) {
    for input in &mut sig.inputs {
        if let FnArg::Typed(typed) = input
            && let Pat::Ident(it) = &mut *typed.pat
            && is_handle(&typed.ty)
        {
            it.mutability.get_or_insert_default();
        }
    }
}

/// The same for a handle by value in what `#[async_trait]` made.
fn boxed(function: &Function) -> Option<TokenStream> {
    let (_, Some(handle), _) = split(function) else {
        return None;
    };
    let Pat::Ident(it) = &*handle.pat else {
        return None;
    };
    let mut boxed = find_boxed(function).filter(|_| is_handle(&handle.ty))?;
    rebind_mutably(&mut boxed.future.block, &it.ident);
    let (before, func, future) = (&boxed.before, &boxed.call.func, &boxed.future);
    Some(quote!({ #(#before)* #func(#future) }))
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
    (is_handle(ty) || instead_of_handle(ty) || disappears)
        .then(|| (name, erased(&corrected(peel(ty)))))
}

/// By its name, and by value.
fn is_handle(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|it| {
        matches!(
            sort(&it.ident.to_string()),
            Sort::Write | Sort::Read | Sort::Session
        )
    })
}

/// A pool or a driver's own transaction: callers are to pass what the handle will take.
fn instead_of_handle(ty: &Type) -> bool {
    matches!(peel(ty), Type::Path(_)) && connection_of(ty).is_some()
}

fn change(sig: &mut Signature, disappears: bool) {
    let index = usize::from(sig.receiver().is_some());
    if let (true, Some(FnArg::Typed(handle))) = (disappears, sig.inputs.get(index)) {
        let ty = (*handle.ty).clone();
        drop_lifetimes_of(sig, &ty);
    }
    Uncaptured.visit_return_type_mut(&mut sig.output);
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

/// `use<..>` would have to list the type parameter that the fallback makes of the handle.
struct Uncaptured;

impl VisitMut for Uncaptured {
    fn visit_type_impl_trait_mut(&mut self, it: &mut syn::TypeImplTrait) {
        let bounds = std::mem::take(&mut it.bounds);
        it.bounds = bounds
            .into_iter()
            .filter(|bound| !matches!(bound, syn::TypeParamBound::PreciseCapture(_)))
            .collect();
        visit_mut::visit_type_impl_trait_mut(self, it);
    }
}
