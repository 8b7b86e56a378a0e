//! A connection that is a type parameter needs a bound, and says so once.

use syn::{GenericParam, Generics, Ident, Type, WherePredicate};

use super::Style;
use super::handle::Handle;
use super::types::{last_segment, peel, type_arguments};
use crate::diag::Errors;
use crate::model::Function;

pub(super) fn check(function: &Function, handle: &Handle<'_>, style: &Style, errors: &mut Errors) {
    if let Some(ident) = unbound_connection(&function.sig.generics, &handle.ty) {
        let bound = match style {
            Style::Blocking => "BlockingConnection",
            Style::Async | Style::Boxed(_) => "AsyncConnection",
        };
        let message =
            format!("not every `{ident}` is a connection: declare `{ident}: txkit::{bound}`");
        errors.on(ident, message);
    }
}

/// The type parameter that a handle, without a reference before it, names as its connection and nothing is asked of.
pub(crate) fn unbound_connection<'t>(generics: &Generics, handle: &'t Type) -> Option<&'t Ident> {
    let named = last_segment(handle).into_iter().flat_map(type_arguments);
    let mut idents = named.chain([handle]).filter_map(ident);
    idents.find(|it| unbound(generics, it))
}

fn ident(ty: &Type) -> Option<&Ident> {
    match peel(ty) {
        Type::Path(path) => path.path.get_ident(),
        _ => None,
    }
}

/// A type parameter of this function that nothing is asked of.
fn unbound(generics: &Generics, ident: &Ident) -> bool {
    let declared = generics.params.iter().any(|param| {
        matches!(param, GenericParam::Type(it) if it.ident == *ident && it.bounds.is_empty())
    });
    let clause = generics.where_clause.iter().flat_map(|it| &it.predicates);
    let mut bounded = clause.filter_map(|it| match it {
        WherePredicate::Type(it) => self::ident(&it.bounded_ty),
        _ => None,
    });
    declared && !bounded.any(|it| it == ident)
}
