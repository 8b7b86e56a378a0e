//! The handle: the first parameter after `self`, in which of its forms; knows nothing of what the options make of it.

use proc_macro2::Span;
use syn::{FnArg, Ident, Pat, PatType, Token, Type, TypePath};

use super::Style;
use super::arguments::unused;
use super::types::{
    PRIMITIVES, Sort, TWICE, connection_of, corrected, handle_of, last_segment, peel, shown,
    shows_lifetime, sort, type_arguments,
};
use crate::model::{Function, Options};

/// The handle parameter, read.
pub(crate) struct Handle<'f> {
    pub(crate) attrs: &'f [syn::Attribute],
    /// None if the parameter is `_`.
    pub(crate) ident: Option<&'f Ident>,
    pub(crate) mutability: Option<Token![mut]>,
    pub(crate) form: Form,
    /// The handle's type, without a reference before it.
    pub(crate) ty: Type,
    pub(crate) sort: Sort,
    pub(crate) parameter: &'f PatType,
}

impl Handle<'_> {
    /// The name by which the caller's argument is taken.
    pub(crate) fn parameter_name(&self) -> Ident {
        match self.ident {
            Some(ident) if !unused(ident) => ident.clone(),
            _ => Ident::new("__handle", Span::mixed_site()),
        }
    }
}

/// How the handle comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `tx: Tx<'_, C>`: begun from whatever the caller passes.
    ByValue,
    /// `tx: &mut X`: the caller's.
    ByRef,
    /// `on = EXPR`: the parameter is not the caller's; whether it is bound as a reference.
    On { by_ref: bool },
}

/// The receiver, the handle and the rest.
pub(crate) fn split(
    function: &Function,
) -> (Option<&syn::Receiver>, Option<&PatType>, Vec<&PatType>) {
    let mut typed = function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    let handle = typed.next();
    (function.sig.receiver(), handle, typed.collect())
}

/// Reads the handle's parameter.
pub(super) fn declared<'f>(
    function: &'f Function,
    options: &Options,
    style: &Style,
) -> syn::Result<Handle<'f>> {
    let (_, Some(parameter), rest) = split(function) else {
        return Err(missing(function));
    };
    if let Some(handle) = rest.into_iter().find(|it| is_handle(it))
        && !is_handle(parameter)
    {
        return Err(not_first(parameter, handle));
    }
    let (ident, mutability) = binding(&parameter.pat)?;
    let (by_ref, ty) = match peel(&parameter.ty) {
        Type::Path(path) => (false, by_value(path)?),
        Type::Reference(reference) => (true, referent(reference, style)?),
        Type::ImplTrait(it) => return Err(impl_trait(it)),
        other => return Err(not_a_handle(other)),
    };
    let form = match (&options.on, by_ref) {
        (Some(_), by_ref) => Form::On { by_ref },
        (None, true) => Form::ByRef,
        (None, false) => Form::ByValue,
    };
    if form == Form::ByValue && matches!(style, Style::Boxed(_)) {
        return Err(boxed_by_value(&ty));
    }
    let sort = last_segment(&ty).map_or(Sort::Unknown, |last| sort(&last.ident.to_string()));
    Ok(Handle {
        attrs: &parameter.attrs,
        ident,
        mutability,
        form,
        ty,
        sort,
        parameter,
    })
}

fn missing(function: &Function) -> syn::Error {
    let name = &function.sig.ident;
    let message = format!(
        "`{name}` declares no handle: its first parameter{} is the transaction, for example `tx: PgTx<'_>`",
        if function.sig.receiver().is_some() {
            " after `self`"
        } else {
            ""
        }
    );
    syn::Error::new_spanned(name, message)
}

fn is_handle(parameter: &PatType) -> bool {
    let ty = match peel(&parameter.ty) {
        Type::Reference(reference) => peel(&reference.elem),
        other => other,
    };
    last_segment(ty).is_some_and(|it| named_handle(&it.ident))
}

fn named_handle(ident: &Ident) -> bool {
    matches!(
        sort(&ident.to_string()),
        Sort::Write | Sort::Read | Sort::Session
    )
}

fn not_first(first: &PatType, handle: &PatType) -> syn::Error {
    let message = format!(
        "the transaction is the first parameter: move `{}` before `{}`",
        shown(handle),
        shown(&first.pat)
    );
    syn::Error::new_spanned(handle, message)
}

fn binding(pat: &Pat) -> syn::Result<(Option<&Ident>, Option<Token![mut]>)> {
    match pat {
        Pat::Wild(_) => Ok((None, None)),
        Pat::Ident(it) if it.subpat.is_none() && it.by_ref.is_none() => {
            Ok((Some(&it.ident), it.mutability))
        }
        other => {
            let message = "a handle is bound by a name, such as `tx`, not taken apart";
            Err(syn::Error::new_spanned(other, message))
        }
    }
}

fn by_value(path: &TypePath) -> syn::Result<Type> {
    let ty = Type::Path(path.clone());
    let Some(last) = path.path.segments.last() else {
        return Err(not_a_handle(&ty));
    };
    let name = last.ident.to_string();
    if connection_of(&ty).is_some() || (sort(&name) == Sort::Connection && !shows_lifetime(last)) {
        return Err(not_widened(&ty, &ty));
    }
    right_connection(&ty)?;
    if shows_lifetime(last) {
        return Ok(ty);
    }
    let message = match sort(&name) {
        Sort::Unknown if PRIMITIVES.contains(&name.as_str()) => return Err(not_a_handle(&ty)),
        Sort::Unknown => format!(
            "the first parameter is the transaction, for example `tx: PgTx<'_>`, and `{}` does not look like one; \
             an alias of a handle shows its lifetime, `{name}<'_>`",
            shown(&ty)
        ),
        _ => format!(
            "a handle borrows its transaction and shows it: write `{}`",
            shown(&corrected(&ty))
        ),
    };
    Err(syn::Error::new_spanned(ty, message))
}

/// `Tx<'_, PgPool>` and `Tx<'_, Postgres>`: the connection type is what belongs there.
fn right_connection(ty: &Type) -> syn::Result<()> {
    let Some(last) = last_segment(ty) else {
        return Ok(());
    };
    if !named_handle(&last.ident) {
        return Ok(());
    }
    for argument in type_arguments(last) {
        if let Some(connection) = connection_of(argument) {
            let remedy = match connection {
                "C" => "its connection type".to_owned(),
                _ => format!("`{}`", shown(&corrected(ty))),
            };
            let message = format!(
                "a handle names its connection type, and `{}` is not one: write {remedy}",
                shown(argument)
            );
            return Err(syn::Error::new_spanned(argument, message));
        }
    }
    Ok(())
}

fn referent(reference: &syn::TypeReference, style: &Style) -> syn::Result<Type> {
    let ty = peel(&reference.elem);
    let whole = Type::Reference(reference.clone());
    if connection_of(ty).is_some() {
        return Err(not_widened(ty, &whole));
    }
    if let Type::ImplTrait(it) = ty {
        let bounds = &it.bounds;
        let message = format!(
            "the handle's type must have a name: use a type parameter, `<C: {} + txkit::{}>` and `&mut C`",
            shown(bounds),
            style.bound()
        );
        return Err(syn::Error::new_spanned(ty, message));
    }
    let plain = last_segment(ty).is_none_or(|it| PRIMITIVES.iter().any(|name| it.ident == name));
    if plain {
        return Err(not_a_handle(&whole));
    }
    if reference.mutability.is_none() {
        let message = format!(
            "a handle is used mutably: write `&mut {}`",
            shown(&corrected(ty))
        );
        return Err(syn::Error::new_spanned(whole, message));
    }
    right_connection(ty)?;
    Ok(ty.clone())
}

fn not_widened(ty: &Type, whole: &Type) -> syn::Error {
    let message = format!(
        "declare the handle in place of `{}`: `tx: {}`; callers then pass a pool, a connection or `&mut tx`",
        shown(whole),
        handle_of(ty)
    );
    syn::Error::new_spanned(whole, message)
}

fn impl_trait(it: &syn::TypeImplTrait) -> syn::Error {
    let widened = it.bounds.iter().any(|bound| match bound {
        syn::TypeParamBound::Trait(bound) => bound
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "Begin"),
        _ => false,
    });
    let message = match widened {
        true => TWICE,
        false => "the handle's type must have a name: declare `tx: PgTx<'_>` or `tx: Tx<'_, C>`",
    };
    syn::Error::new_spanned(it, message)
}

fn not_a_handle(ty: &Type) -> syn::Error {
    let message = format!(
        "the first parameter is the transaction, for example `tx: PgTx<'_>` (with `on = ..` too, where callers leave it out), \
         and `{}` is not one",
        shown(ty)
    );
    syn::Error::new_spanned(ty, message)
}

fn boxed_by_value(ty: &Type) -> syn::Error {
    let message = "a handle by value does not fit a trait: declare it as `&mut` of that type, or take the pool with `on = ..`; \
         under an attribute that boxes a free function's future, put this one above it";
    syn::Error::new_spanned(ty, message)
}
