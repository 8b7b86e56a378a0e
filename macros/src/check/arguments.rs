//! The parameters after the handle: what a caller passes, what the body binds, what a retry clones (R18).

use proc_macro2::Span;
use quote::format_ident;
use syn::{Attribute, Ident, Pat, PatType, ReceiverKind, Type};

use super::types::{peel, shown};
use super::{Style, split};
use crate::diag::Errors;
use crate::model::{Function, Options};

/// One parameter after the handle.
pub(crate) struct Argument<'f> {
    pub(crate) parameter: &'f PatType,
    /// The name by which it is passed on; the parameter's own unless that is a pattern or `_unused`.
    pub(crate) ident: Ident,
    pub(crate) replay: Replay,
}

/// What each attempt gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replay {
    /// A shared reference, or a parameter that is not bound: nothing to clone.
    Same,
    Clone,
}

impl Argument<'_> {
    pub(crate) fn attrs(&self) -> &[Attribute] {
        &self.parameter.attrs
    }
}

pub(super) fn check<'f>(
    function: &'f Function,
    options: &Options,
    style: &Style,
    errors: &mut Errors,
) -> Vec<Argument<'f>> {
    let (receiver, handle, rest) = split(function);
    if options.retry.is_some() {
        errors.take(receiver.map_or(Ok(()), replayable_receiver));
        for parameter in &rest {
            errors.take(replayable(parameter));
        }
    }
    errors.take(handle.map_or(Ok(()), unconditional));
    if options.on.is_none() && !matches!(style, Style::Boxed(_)) {
        for parameter in &rest {
            errors.take(unconditional(parameter));
        }
    }
    rest.into_iter().enumerate().map(argument).collect()
}

fn argument((index, parameter): (usize, &PatType)) -> Argument<'_> {
    let ident = match &*parameter.pat {
        Pat::Ident(it) if it.subpat.is_none() && it.by_ref.is_none() && !unused(&it.ident) => {
            it.ident.clone()
        }
        _ => format_ident!("__argument{index}", span = Span::mixed_site()),
    };
    let same = matches!(&*parameter.pat, Pat::Wild(_))
        || matches!(peel(&parameter.ty), Type::Reference(_));
    let replay = if same { Replay::Same } else { Replay::Clone };
    Argument {
        parameter,
        ident,
        replay,
    }
}

/// Says of itself that nobody uses it: passing it on would belie that.
pub(crate) fn unused(ident: &Ident) -> bool {
    ident.to_string().starts_with('_')
}

fn replayable(parameter: &PatType) -> syn::Result<()> {
    match peel(&parameter.ty) {
        Type::Reference(it) if it.mutability.is_some() => {
            let message = format!(
                "a retried body runs several times, and what an attempt did to `{}` would stay: \
                 take it by value or by shared reference, or drop the retry",
                shown(&parameter.ty)
            );
            Err(syn::Error::new_spanned(&parameter.ty, message))
        }
        _ => Ok(()),
    }
}

fn replayable_receiver(receiver: &syn::Receiver) -> syn::Result<()> {
    let mutable = match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        ReceiverKind::Typed(_, ty) => match peel(ty) {
            Type::Reference(it) => it.mutability.is_some(),
            _ => return Err(receiver_error(receiver, "is used up by the first attempt")),
        },
        _ => return Err(receiver_error(receiver, "is used up by the first attempt")),
    };
    match mutable {
        true => Err(receiver_error(
            receiver,
            "would keep what a failed attempt did to it",
        )),
        false => Ok(()),
    }
}

fn receiver_error(receiver: &syn::Receiver, why: &str) -> syn::Error {
    let message = format!(
        "a retried body runs several times, and `{}` {why}: take `&self`, or drop the retry",
        shown(receiver)
    );
    syn::Error::new_spanned(receiver, message)
}

/// The by-value form passes its arguments on, and a call cannot leave one out.
fn unconditional(parameter: &PatType) -> syn::Result<()> {
    let conditional = parameter
        .attrs
        .iter()
        .find(|attr| attr.path().is_ident("cfg"));
    match conditional {
        Some(cfg) => Err(syn::Error::new_spanned(
            cfg,
            "a parameter of a transaction cannot be conditional: put `#[cfg]` on two functions",
        )),
        None => Ok(()),
    }
}
