//! What kind of function may be annotated at all.

use syn::Safety;
use syn::spanned::Spanned as _;

use super::types;
use crate::diag::Errors;
use crate::model::Function;

/// The first thing an expanded body says, so that a second expansion is recognised.
pub(crate) const MARK: &str = "__DEFINITION";

pub(super) fn check(function: &Function, errors: &mut Errors) {
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
    if expanded_before(function) {
        errors.at(sig.ident.span(), types::TWICE);
    }
}

fn expanded_before(function: &Function) -> bool {
    let mut tokens = function.body.tokens.clone().into_iter();
    let first = tokens
        .next()
        .is_some_and(|token| token.to_string() == "const");
    first && tokens.next().is_some_and(|token| token.to_string() == MARK)
}
