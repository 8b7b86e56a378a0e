//! Tokens to model: the function, its attributes merged, every option read; checks no combination.

mod attributes;
mod function;
mod list;
mod options;
mod value;

use proc_macro2::TokenStream;
use syn::spanned::Spanned as _;

use crate::diag::{Errors, Partial};
use crate::model::{Function, Kind, Options, Spanned};

/// What one expansion starts from.
pub(crate) struct Input {
    pub(crate) function: Function,
    pub(crate) options: Partial<Options>,
}

/// The attribute stands on something else; the item is given back.
pub(crate) struct NotAFunction {
    pub(crate) error: syn::Error,
    pub(crate) item: TokenStream,
}

/// The argument of a sibling whose options were taken into another expansion.
pub(crate) const MERGED: &str = "__merged";

/// Whether this attribute was merged already, and has nothing left to do.
pub(crate) fn is_merged(args: &TokenStream) -> bool {
    !args.is_empty() && args.to_string() == MERGED
}

pub(crate) fn parse(
    kind: Kind,
    args: TokenStream,
    item: TokenStream,
) -> Result<Input, NotAFunction> {
    let mut function = function::parse(kind, item)?;
    let mut errors = Errors::default();
    let mut options = Options::default();
    let span = match args.is_empty() {
        true => proc_macro2::Span::call_site(),
        false => args.span(),
    };
    let first = Spanned { span, value: kind };
    options::read(&first, args, &mut options, &mut errors);
    let siblings = attributes::take_siblings(kind, &mut function.attrs, &mut errors);
    for (sibling, args) in siblings {
        options::read(&sibling, args, &mut options, &mut errors);
    }
    let options = Partial {
        value: options,
        errors,
    };
    Ok(Input { function, options })
}
