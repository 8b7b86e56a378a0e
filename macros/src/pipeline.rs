//! The order of the phases, and what is emitted when one of them fails; knows nothing of what they do.

use proc_macro2::TokenStream;

use crate::model::Kind;
use crate::parse::{Input, NotAFunction};
use crate::{check, expand, parse};

/// Expands one attribute. An error never loses the item: one mistake is one error.
pub(crate) fn expand(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    if parse::is_merged(&args) {
        return item;
    }
    let Input { function, options } = match parse::parse(kind, args, item) {
        Ok(input) => input,
        Err(NotAFunction { error, item }) => return with_error(&error, item),
    };
    let disappears = options.value.on.is_some();
    let runtime = options.value.krate.as_ref().map(|it| it.value.clone());
    let checked = options
        .into_result()
        .and_then(|options| check::check(&function, options));
    match checked {
        Ok(checked) => expand::expand(&checked),
        Err(error) => with_error(&error, expand::fallback(&function, disappears, runtime)),
    }
}

fn with_error(error: &syn::Error, item: TokenStream) -> TokenStream {
    let mut output = error.to_compile_error();
    output.extend(item);
    output
}
