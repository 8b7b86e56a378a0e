//! Tokens to model: the function, its attributes merged, every option read; checks no combination.

mod attributes;
mod function;
mod list;
mod options;
mod value;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parenthesized;
use syn::parse::{ParseStream, Parser as _};
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

/// Runs a parser on all of the tokens. What it misses at their end is reported there, at the last of them.
fn read<T>(
    tokens: TokenStream,
    parser: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    let Some(last) = tokens.clone().into_iter().last() else {
        return parser.parse2(tokens);
    };
    // A group has an end to point at, which a stream by itself has not.
    let mut all = Group::new(Delimiter::Parenthesis, tokens);
    all.set_span(last.span());
    let inside = |input: ParseStream<'_>| {
        let content;
        parenthesized!(content in input);
        let value = parser(&content)?;
        match content.is_empty() {
            true => Ok(value),
            false => Err(content.error("unexpected token")),
        }
    };
    inside.parse2(TokenTree::from(all).into())
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
