//! A connection that is a type parameter needs a bound of txkit's, and says so once.

use syn::punctuated::Punctuated;
use syn::{GenericParam, Generics, Ident, Token, Type, TypeParamBound, WherePredicate};

use super::Style;
use super::handle::Handle;
use super::types::{associated, last_segment, peel, type_arguments};
use crate::diag::Errors;
use crate::model::Function;

type Bounds = Punctuated<TypeParamBound, Token![+]>;

pub(super) fn check(function: &Function, handle: &Handle<'_>, style: &Style, errors: &mut Errors) {
    if let Some(ident) = unbound_connection(&function.sig.generics, &handle.ty) {
        let bound = style.bound();
        let message =
            format!("not every `{ident}` is a connection: declare `{ident}: txkit::{bound}`");
        errors.on(ident, message);
    } else if let Some(ident) = diesels_connection(&function.sig.generics, &handle.ty) {
        let bound = style.bound();
        let message = format!(
            "Diesel's trait alone does not make `{ident}` a connection that a transaction can be begun on: \
             declare `{ident}: txkit::{bound}` too"
        );
        errors.on(ident, message);
    }
}

/// The type parameter that a handle, without a reference before it, names as its connection and nothing is asked of.
pub(crate) fn unbound_connection<'t>(generics: &Generics, handle: &'t Type) -> Option<&'t Ident> {
    parameters(handle).find(|it| is_declared(generics, it) && bounds(generics, it).count() == 0)
}

/// The same, where Diesel's connection traits are asked of it, and nothing that could imply one of txkit's.
fn diesels_connection<'t>(generics: &Generics, handle: &'t Type) -> Option<&'t Ident> {
    parameters(handle).find(|ident| {
        bounds(generics, ident).any(names_a_backend)
            && bounds(generics, ident).all(|it| names_a_backend(it) || is_auto(it))
    })
}

/// `Connection<Backend = Pg>`, by whichever of Diesel's traits.
fn names_a_backend(bound: &TypeParamBound) -> bool {
    let TypeParamBound::Trait(bound) = bound else {
        return false;
    };
    let last = bound.path.segments.last();
    last.is_some_and(|it| associated(it).any(|name| name == "Backend"))
}

fn is_auto(bound: &TypeParamBound) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last();
            last.is_some_and(|it| it.ident == "Send" || it.ident == "Sync" || it.ident == "Sized")
        }
        _ => true,
    }
}

/// The identifiers that may be the handle's connection.
fn parameters(handle: &Type) -> impl Iterator<Item = &Ident> {
    let named = last_segment(handle).into_iter().flat_map(type_arguments);
    named.chain([handle]).filter_map(ident)
}

fn ident(ty: &Type) -> Option<&Ident> {
    match peel(ty) {
        Type::Path(path) => path.path.get_ident(),
        _ => None,
    }
}

fn is_declared(generics: &Generics, ident: &Ident) -> bool {
    let mut params = generics.params.iter();
    params.any(|param| matches!(param, GenericParam::Type(it) if it.ident == *ident))
}

/// What is asked of a type parameter, at its declaration and in the `where` clause.
fn bounds<'g>(
    generics: &'g Generics,
    ident: &'g Ident,
) -> impl Iterator<Item = &'g TypeParamBound> {
    let declared = generics.params.iter().filter_map(move |param| match param {
        GenericParam::Type(it) if it.ident == *ident => Some(&it.bounds),
        _ => None,
    });
    let clause = generics.where_clause.iter().flat_map(|it| &it.predicates);
    let asked = clause.filter_map(move |it| match it {
        WherePredicate::Type(it) if self::ident(&it.bounded_ty) == Some(ident) => Some(&it.bounds),
        _ => None,
    });
    declared.chain(asked).flat_map(Bounds::iter)
}
