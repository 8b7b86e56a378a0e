//! By value: a thin generic shim that asks `Begin` for the source, and one hidden function that knows the source's type,
//! so that the body is compiled once and recursion stays `Send`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::visit_mut::VisitMut;
use syn::{GenericParam, Generics, Ident, Lifetime, Receiver, ReceiverKind, Type, parse_quote};

use super::attributes::{Divided, divide};
use super::hidden::{self, Place};
use super::paths::{accepts, at, at_handle, private_at};
use super::{arguments, machine};
use crate::check::{Checked, Style, split};

pub(super) fn expand(checked: &Checked<'_>) -> TokenStream {
    let function = checked.function();
    let place = hidden::place(function);
    let Divided { outside, inside } = divide(function, place == Place::Nested);
    let named = Named::new(checked);
    let hidden = hidden_function(checked, &named, place, &inside);
    let (nested, beside) = match place {
        Place::Nested => (hidden, TokenStream::new()),
        Place::Sibling => (TokenStream::new(), hidden),
    };
    let head = head(checked, &named);
    let call = call(checked, &named, place);
    let vis = &function.vis;
    quote! {
        #(#outside)* #vis #head { #nested #call }
        #beside
    }
}

/// The handle's type with its lifetime named, and the generics that name it.
struct Named {
    ty: Type,
    generics: Generics,
    /// The handle's name as a parameter.
    handle: Ident,
}

impl Named {
    fn new(checked: &Checked<'_>) -> Self {
        let sig = &checked.function().sig;
        let handle = checked.handle();
        let mut ty = handle.ty.clone();
        let mut generics = sig.generics.clone();
        let mut name = Name {
            fresh: fresh(&quote!(#sig).to_string()),
            used: false,
        };
        name.visit_type_mut(&mut ty);
        if name.used {
            let fresh = &name.fresh;
            generics.params.insert(0, parse_quote!(#fresh));
        }
        let handle = handle.parameter_name();
        Self {
            ty,
            generics,
            handle,
        }
    }
}

struct Name {
    fresh: Lifetime,
    used: bool,
}

impl VisitMut for Name {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = Lifetime {
                apostrophe: lifetime.apostrophe,
                ident: self.fresh.ident.clone(),
            };
            self.used = true;
        }
    }
}

/// `'tx`, unless the signature has one.
fn fresh(sig: &str) -> Lifetime {
    let taken = |name: &str| {
        sig.split('\'').skip(1).any(|rest| {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            &rest[..end.unwrap_or(rest.len())] == name
        })
    };
    let mut name = "tx".to_owned();
    for n in 1.. {
        if !taken(&name) {
            break;
        }
        name = format!("tx{n}");
    }
    Lifetime::new(&format!("'{name}"), Span::call_site())
}

/// The signature that callers see.
fn head(checked: &Checked<'_>, named: &Named) -> TokenStream {
    let span = at_handle(checked);
    let private = private_at(checked, span);
    let accepts = accepts(checked);
    let sig = &checked.function().sig;
    let (asyncness, ident, output) = (&sig.asyncness, &sig.ident, &sig.output);
    let (params, bounds) = (&named.generics, &named.generics.where_clause);
    let receiver = sig.receiver().map(plain_receiver).into_iter();
    let (handle, ty, attrs) = (&named.handle, &named.ty, checked.handle().attrs);
    let rest = checked.arguments().iter().map(arguments::named);
    let begin = quote_spanned!(span=> impl #private::Begin<#ty, #accepts>);
    quote! {
        #asyncness fn #ident #params (
            #(#receiver,)*
            #(#attrs)* #handle: #begin,
            #(#rest),*
        ) #output #bounds
    }
}

/// The one call in the shim.
fn call(checked: &Checked<'_>, named: &Named, place: Place) -> TokenStream {
    let span = at_handle(checked);
    let private = private_at(checked, span);
    let accepts = accepts(checked);
    let function = checked.function();
    let hidden = hidden::name(function, place);
    let path = match place {
        Place::Nested => quote!(#hidden),
        Place::Sibling => quote!(Self::#hidden),
    };
    let turbofish = turbofish(&named.generics);
    let receiver = split(function).0.map(|it| it.self_token).into_iter();
    let (handle, ty) = (&named.handle, &named.ty);
    let rest = checked.arguments().iter().map(|it| &it.ident);
    let wait = match checked.style() {
        Style::Blocking => TokenStream::new(),
        Style::Async | Style::Boxed(_) => quote_spanned!(at(&hidden)=> .await),
    };
    let source = quote_spanned!(span=> #private::Begin::<#ty, #accepts>::source(#handle));
    // At the function's name: there a recursion without a box is reported.
    quote_spanned! {at(&hidden)=>
        #path #turbofish (
            #(#receiver,)*
            #source,
            #(#rest),*
        ) #wait
    }
}

/// Types and constants that only the body mentions cannot be inferred; lifetimes always can.
fn turbofish(generics: &Generics) -> Option<TokenStream> {
    let names: Vec<_> = generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(it) => Some(&it.ident),
            GenericParam::Const(it) => Some(&it.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    (!names.is_empty()).then(|| quote!(::<#(#names),*>))
}

fn hidden_function(
    checked: &Checked<'_>,
    named: &Named,
    place: Place,
    attrs: &[syn::Attribute],
) -> TokenStream {
    let span = at_handle(checked);
    let private = private_at(checked, span);
    let function = checked.function();
    let sig = &function.sig;
    let (asyncness, output) = (&sig.asyncness, &sig.output);
    let name = hidden::name(function, place);
    let (params, bounds) = (&named.generics, &named.generics.where_clause);
    let receiver = sig.receiver().into_iter();
    let (handle, ty) = (&named.handle, &named.ty);
    let rest = checked
        .arguments()
        .iter()
        .map(|it| arguments::declared(checked, it));
    let source = quote!(#handle);
    let from = quote_spanned!(span=> #private::SourceOf<#ty>);
    let machine = machine::machine(checked, &source, &function.body);
    let mut body = TokenStream::new();
    let brace = function.body.brace;
    brace.surround(&mut body, |tokens| tokens.extend(machine));
    quote_spanned! {Span::mixed_site()=>
        #[doc(hidden)]
        #[allow(clippy::too_many_arguments, clippy::type_complexity)]
        #(#attrs)*
        #asyncness fn #name #params (
            #(#receiver,)*
            #handle: #from,
            #(#rest),*
        ) #output #bounds #body
    }
}

/// A shim passes `self` on and changes nothing.
fn plain_receiver(receiver: &Receiver) -> Receiver {
    let mut receiver = receiver.clone();
    if !matches!(receiver.kind, ReceiverKind::Reference(..)) {
        receiver.mutability = None;
    }
    receiver
}
