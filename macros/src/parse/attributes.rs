//! Stacked attributes: the first to expand takes the options of the others and leaves their names, so that imports stay used.

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::spanned::Spanned as _;
use syn::{Attribute, Meta, parse_quote};

use super::MERGED;
use crate::diag::Errors;
use crate::model::{Kind, Spanned};

/// Siblings of the attribute that expands first, each with its arguments.
pub(super) fn take_siblings(
    first: Kind,
    attrs: &mut [Attribute],
    errors: &mut Errors,
) -> Vec<(Spanned<Kind>, TokenStream)> {
    let mut seen = vec![first];
    let mut siblings = Vec::new();
    for attr in attrs {
        let Some(kind) = Kind::of(attr.path()) else {
            continue;
        };
        let span = attr.path().span();
        if seen.contains(&kind) {
            let name = kind.name();
            errors.at(span, format!("`#[{name}]` is given twice, once is enough"));
        } else if let Some(args) = errors.take(arguments(kind, &attr.meta)) {
            siblings.push((Spanned { span, value: kind }, args));
        }
        seen.push(kind);
        leave_name(attr);
    }
    siblings
}

/// Makes every sibling a no-op without reading it.
pub(super) fn leave_names(attrs: &mut [Attribute]) {
    for attr in attrs {
        if Kind::of(attr.path()).is_some() {
            leave_name(attr);
        }
    }
}

fn leave_name(attr: &mut Attribute) {
    let path = attr.path();
    let merged = format_ident!("{MERGED}");
    attr.meta = parse_quote!(#path(#merged));
}

fn arguments(kind: Kind, meta: &Meta) -> syn::Result<TokenStream> {
    match meta {
        Meta::Path(_) => Ok(TokenStream::new()),
        Meta::List(list) => Ok(list.tokens.clone()),
        other => {
            let name = kind.name();
            let message = format!("options go in parentheses: `#[{name}(..)]`");
            Err(syn::Error::new(other.span(), message))
        }
    }
}
