//! Expanders that are wrong on purpose; knows no case.

use proc_macro2::{Span, TokenStream, TokenTree};
use txkit_expander::Kind;

/// Gives up on a word that it does not know.
pub(super) fn panicking(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut words = item.clone().into_iter();
    assert!(
        !words.any(|it| it.to_string() == "const"),
        "a word that it does not know"
    );
    kind.expand(args, item)
}

/// Its errors point at nothing.
pub(super) fn unspanned(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let each = kind.expand(args, item).into_iter().map(|mut tree| {
        if let TokenTree::Ident(word) = &mut tree
            && *word == "compile_error"
        {
            word.set_span(Span::call_site());
        }
        tree
    });
    each.collect()
}

/// An error is all that it gives back.
pub(super) fn losing(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let output = kind.expand(args, item);
    let trees: Vec<_> = output.clone().into_iter().collect();
    let error = trees
        .iter()
        .position(|it| it.to_string() == "compile_error");
    error.map_or(output, |at| trees[..at + 3].iter().cloned().collect())
}
