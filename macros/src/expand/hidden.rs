//! The hidden function that holds the body of a by-value form: what it is called and where it stands.

use proc_macro2::{TokenStream, TokenTree};
use quote::format_ident;
use syn::Ident;
use syn::ext::IdentExt as _;

use crate::model::Function;

/// Where the hidden function stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the body of the outer one.
    Nested,
    /// Beside it, in the same `impl`.
    Sibling,
}

/// A function that knows `self` or `Self` is a method, and a nested function could not use either. One that knows neither
/// looks like a free function: in a generic `impl` it has to say `Self` somewhere.
pub(super) fn place(function: &Function) -> Place {
    let sig = &function.sig;
    let method = function.sig.receiver().is_some()
        || mentions_self(quote::quote!(#sig))
        || mentions_self(function.body.tokens.clone());
    if method {
        Place::Sibling
    } else {
        Place::Nested
    }
}

/// The sibling's name tells the remedy, should it land in a trait impl, where rustc names it in its error.
pub(super) fn name(function: &Function, place: Place) -> Ident {
    let name = function.sig.ident.unraw();
    let suffix = match place {
        Place::Nested => "",
        Place::Sibling => "_by_value_does_not_fit_a_trait_impl_declare_the_handle_as_mut_reference",
    };
    format_ident!("__{name}{suffix}", span = function.sig.ident.span())
}

/// `Self` of an item inside the body is that item's.
fn mentions_self(tokens: TokenStream) -> bool {
    let mut in_item = false;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "Self" => return true,
            TokenTree::Ident(word) => in_item |= opens_item(&word, tokens.peek()),
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace => {
                if !std::mem::take(&mut in_item) && mentions_self(group.stream()) {
                    return true;
                }
            }
            TokenTree::Group(group) => {
                if mentions_self(group.stream()) {
                    return true;
                }
            }
            TokenTree::Punct(punct) => in_item &= punct.as_char() != ';',
            TokenTree::Literal(_) => (),
        }
    }
    false
}

fn opens_item(word: &Ident, next: Option<&TokenTree>) -> bool {
    // A keyword only before a name: it may well be a variable's.
    let follows = |name: &Ident| ["as", "else", "if", "in"].iter().any(|it| name == it);
    let named = || matches!(next, Some(TokenTree::Ident(name)) if !follows(name));
    let keyword = ["impl", "trait", "struct", "enum"]
        .iter()
        .any(|it| word == it);
    keyword || (word == "union" && named())
}
