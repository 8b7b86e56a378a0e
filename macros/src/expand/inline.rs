//! By reference and `on = EXPR`: one function, its signature as written but for a handle that is not the caller's.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::visit_mut::VisitMut;
use syn::{Expr, GenericParam, Lifetime, Receiver, Signature, Type, WherePredicate};

use super::paths::{accepts, at_handle, private_at};
use super::{arguments, boxed, machine};
use crate::check::{Checked, Form, Style, erased};

pub(super) fn expand(checked: &Checked<'_>) -> TokenStream {
    let function = checked.function();
    let (attrs, vis) = (&function.attrs, &function.vis);
    let sig = signature(checked);
    let source = source(checked);
    let brace = function.body.brace;
    let mut body = TokenStream::new();
    brace.surround(&mut body, |tokens| {
        tokens.extend(match checked.style() {
            Style::Boxed(boxed) => boxed::expand(checked, boxed, &source),
            _ => machine::machine(checked, &source, &function.body),
        });
    });
    quote!(#(#attrs)* #vis #sig #body)
}

fn source(checked: &Checked<'_>) -> TokenStream {
    let span = at_handle(checked);
    let private = private_at(checked, span);
    let handle = checked.handle();
    let ty = erased(&handle.ty);
    match (&checked.options().on, handle.form) {
        (Some(on), Form::On { .. }) => {
            let accepts = accepts(checked);
            let expr = &on.value;
            let from = match expr {
                Expr::Reference(_) => quote!(#expr),
                // What binds less than `&` does.
                Expr::Assign(_) | Expr::Binary(_) | Expr::Cast(_) | Expr::Range(_) => {
                    quote_spanned!(expr.span()=> &(#expr))
                }
                _ => quote_spanned!(expr.span()=> &#expr),
            };
            quote_spanned!(span=> #private::Begin::<#ty, #accepts>::source(#from))
        }
        _ => {
            let name = handle.parameter_name();
            quote_spanned!(span=> <#ty as #private::ByRef>::source(#name))
        }
    }
}

fn signature(checked: &Checked<'_>) -> TokenStream {
    let handle = checked.handle();
    let mut sig = checked.function().sig.clone();
    let receiver: Option<Receiver> = sig.receiver().cloned();
    let kept = match handle.form {
        Form::On { .. } => None,
        _ => {
            let (attrs, ty, name) = (handle.attrs, &handle.parameter.ty, handle.parameter_name());
            Some(quote!(#(#attrs)* #name: #ty))
        }
    };
    if kept.is_none() {
        drop_lifetimes_of(&mut sig, &handle.parameter.ty);
    }
    let rest = checked
        .arguments()
        .iter()
        .map(|it| arguments::declared(checked, it));
    let inputs = receiver
        .iter()
        .map(ToTokens::to_token_stream)
        .chain(kept)
        .chain(rest);
    let (asyncness, ident, output) = (&sig.asyncness, &sig.ident, &sig.output);
    let (params, bounds) = (&sig.generics, &sig.generics.where_clause);
    quote!(#asyncness fn #ident #params (#(#inputs),*) #output #bounds)
}

/// `#[async_trait]` names a lifetime for each elided one; those of a parameter that disappears go with it,
/// or the method would not match its trait.
pub(super) fn drop_lifetimes_of(sig: &mut Signature, handle: &Type) {
    let gone = lifetimes(|collect| collect.visit_type_mut(&mut handle.clone()));
    let index = usize::from(sig.receiver().is_some());
    let kept = lifetimes(|collect| {
        for (at, input) in sig.inputs.iter_mut().enumerate() {
            if at != index {
                collect.visit_fn_arg_mut(input);
            }
        }
        collect.visit_return_type_mut(&mut sig.output);
    });
    let unused = |lifetime: &Lifetime| gone.contains(lifetime) && !kept.contains(lifetime);
    let params = std::mem::take(&mut sig.generics.params);
    sig.generics.params = params
        .into_iter()
        .filter(|param| !matches!(param, GenericParam::Lifetime(it) if unused(&it.lifetime)))
        .collect();
    if let Some(clause) = &mut sig.generics.where_clause {
        let predicates = std::mem::take(&mut clause.predicates);
        clause.predicates = predicates
            .into_iter()
            .filter(|it| !matches!(it, WherePredicate::Lifetime(it) if unused(&it.lifetime)))
            .collect();
    }
}

fn lifetimes(visit: impl FnOnce(&mut Collect)) -> HashSet<Lifetime> {
    let mut collect = Collect(HashSet::new());
    visit(&mut collect);
    collect.0
}

struct Collect(HashSet<Lifetime>);

impl VisitMut for Collect {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        self.0.insert(lifetime.clone());
    }
}
