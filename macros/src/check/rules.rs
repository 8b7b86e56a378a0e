//! What a handle's name and form rule out among the options; an alias that follows no naming is left to the types.

use syn::ext::IdentExt as _;
use syn::{Ident, Type};

use super::handle::{Form, Handle};
use super::types::{Sort, handle_of, renamed, shown};
use crate::diag::Errors;
use crate::model::{Options, Propagation};

pub(super) fn check(handle: &Handle<'_>, options: &Options, errors: &mut Errors) {
    let propagation = options.propagation();
    session(handle, propagation, errors);
    read_only(handle, options, errors);
    durable(handle, options, errors);
    if propagation == Propagation::Mandatory {
        mandatory(handle, options, errors);
    } else if handle.form == Form::ByRef && matches!(handle.sort, Sort::Write | Sort::Read) {
        open(handle, options, errors);
    }
}

/// `mandatory` is a signature: an open transaction, by reference.
fn mandatory(handle: &Handle<'_>, options: &Options, errors: &mut Errors) {
    if let (Form::On { .. }, Some(on)) = (handle.form, options.key("on")) {
        errors.at(
            on,
            "`mandatory` joins the caller's transaction: drop `on`, or the propagation",
        );
    } else if handle.form != Form::ByRef || handle.sort == Sort::Connection {
        let message = format!(
            "`mandatory` takes an open transaction: declare `&mut {}`",
            in_place_of(handle)
        );
        errors.on(&handle.parameter.ty, message);
    }
}

/// What an open transaction of the caller's can never do.
fn open(handle: &Handle<'_>, options: &Options, errors: &mut Errors) {
    let propagation = options.propagation();
    if let Some(retry) = options.key("retry")
        && propagation != Propagation::RequiresNew
    {
        let message = format!(
            "only the call that began a transaction retries, and with `&mut {}` and `{}` this one never does: \
             declare the handle by value, or drop the retry",
            shown(&handle.ty),
            propagation.word()
        );
        errors.at(retry, message);
    }
}

fn durable(handle: &Handle<'_>, options: &Options, errors: &mut Errors) {
    // With any other propagation it was told already that the two do not fit.
    let required = options.propagation() == Propagation::Required;
    if let (true, Form::ByRef, Some(durable)) = (required, handle.form, options.key("durable")) {
        let message = format!(
            "`durable` must be the outermost and is begun on a pool: declare `{}` by value, \
             or take the pool with `on = ..`",
            in_place_of(handle)
        );
        errors.at(durable, message);
    }
}

fn read_only(handle: &Handle<'_>, options: &Options, errors: &mut Errors) {
    let reads = options.read_only.is_some() && !options.propagation().takes_session();
    if reads && handle.sort == Sort::Write {
        let message = format!(
            "a transaction that only reads has a handle that only reads: declare `{}`",
            resorted(handle, Sort::Read)
        );
        errors.on(&handle.ty, message);
    }
}

fn session(handle: &Handle<'_>, propagation: Propagation, errors: &mut Errors) {
    let word = propagation.word();
    let message = match (propagation.takes_session(), handle.sort) {
        (true, Sort::Write | Sort::Read) => {
            let by_value = match propagation {
                Propagation::Never => " by value",
                _ => "",
            };
            format!(
                "`{word}` may run outside a transaction: declare a session{by_value}, `{}`",
                resorted(handle, Sort::Session)
            )
        }
        (false, Sort::Session) => format!(
            "a session may be outside a transaction, and `{word}` runs in one: declare `{}`, or `propagation = supports`",
            resorted(handle, Sort::Write)
        ),
        _ => return,
    };
    errors.on(&handle.ty, message);
}

/// The handle's type with its name changed to another sort.
fn resorted(handle: &Handle<'_>, to: Sort) -> String {
    let mut ty = handle.ty.clone();
    if let Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
    {
        let name = last.ident.unraw().to_string();
        last.ident = Ident::new(&renamed(&name, to), last.ident.span());
    }
    shown(&ty)
}

/// The handle to declare here.
fn in_place_of(handle: &Handle<'_>) -> String {
    match handle.sort {
        Sort::Connection => handle_of(&handle.ty),
        _ => shown(&handle.ty),
    }
}
