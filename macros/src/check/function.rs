//! What kind of function may be annotated at all.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::Safety;
use syn::spanned::Spanned as _;

use super::{Style, types};
use crate::diag::Errors;
use crate::model::Function;

/// The first thing an expanded body says, so that a second expansion is recognised.
pub(crate) const MARK: &str = "__DEFINITION";

pub(super) fn check(function: &Function, style: &Style, errors: &mut Errors) {
    let sig = &function.sig;
    if let Some(constness) = &sig.constness {
        errors.at(
            constness.span(),
            "a transaction cannot run in a `const fn`: drop the `const`",
        );
    }
    if let Safety::Unsafe(token) = &sig.safety {
        errors.at(
            token.span(),
            "an `unsafe fn` cannot be a transaction: annotate a safe function that calls it",
        );
    }
    if let Some(abi) = &sig.abi {
        errors.at(
            abi.span(),
            "an `extern` function cannot be a transaction: annotate a Rust function that it calls",
        );
    }
    if let Some(variadic) = &sig.variadic {
        errors.at(variadic.span(), "a transaction takes no variadic arguments");
    }
    if expanded_before(function, style) {
        errors.at(sig.ident.span(), types::TWICE);
    }
}

fn expanded_before(function: &Function, style: &Style) -> bool {
    match style {
        Style::Boxed(boxed) => {
            let first = boxed.future.block.stmts.first();
            first.is_some_and(|it| begins_marked(it.to_token_stream()))
        }
        _ => begins_marked(function.body.tokens.clone()),
    }
}

fn begins_marked(body: TokenStream) -> bool {
    let mut tokens = body.into_iter();
    let first = tokens
        .next()
        .is_some_and(|token| token.to_string() == "const");
    first && tokens.next().is_some_and(|token| token.to_string() == MARK)
}
