//! `key`, `key = value`, `key(value)`, separated by commas; an error in one does not hide those in the next.

use proc_macro2::{Ident, TokenTree};
use syn::Token;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;

use crate::diag::Errors;

pub(super) fn each(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut read: impl FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    while !input.is_empty() {
        let read = key(input).and_then(|key| {
            read(&key, input, errors)?;
            expect_comma(&key, input)
        });
        errors.take(read);
        skip_past_comma(input);
    }
}

fn key(input: ParseStream<'_>) -> syn::Result<Ident> {
    input
        .call(Ident::parse_any)
        .map_err(|error| syn::Error::new(error.span(), "expected an option"))
}

fn expect_comma(key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    let message = format!("expected `,` after the option `{key}`");
    Err(input.error(message))
}

fn skip_past_comma(input: ParseStream<'_>) {
    while let Ok(token) = input.parse::<TokenTree>() {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') {
            return;
        }
    }
}
