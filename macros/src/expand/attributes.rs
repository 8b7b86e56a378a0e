//! Which of the user's attributes stand outside, which inside, when one function becomes two.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::{Attribute, Ident, Meta, parse_quote};

use crate::model::Function;

/// Attributes of the function the caller sees, and of the one that holds the body.
pub(super) struct Divided {
    pub(super) outside: Vec<Attribute>,
    pub(super) inside: Vec<Attribute>,
}

/// `nested`: the inner function stands in the outer one's body, where lint levels reach it by themselves.
pub(super) fn divide(function: &Function, nested: bool) -> Divided {
    let (mut outside, mut inside) = (Vec::new(), Vec::new());
    for attr in &function.attrs {
        let path = attr.path();
        if path
            .segments
            .last()
            .is_some_and(|last| last.ident == "instrument")
        {
            // A span has the body's arguments as its fields: it belongs where they are `Debug`.
            inside.push(instrument(attr, &function.sig.ident));
        } else if path.is_ident("expect") && !nested {
            inside.push(allow(attr));
            outside.push(allow(attr));
        } else if is_level(path) && !nested {
            inside.push(attr.clone());
            outside.push(attr.clone());
        } else {
            outside.push(attr.clone());
        }
    }
    Divided { outside, inside }
}

fn is_level(path: &syn::Path) -> bool {
    ["allow", "warn", "deny", "forbid", "cfg"]
        .iter()
        .any(|level| path.is_ident(level))
}

/// Only one of two functions could fulfil an expectation, and which one depends on the lint.
fn allow(expect: &Attribute) -> Attribute {
    let mut attr = expect.clone();
    if let Meta::List(list) = &mut attr.meta {
        list.path = parse_quote!(allow);
    }
    attr
}

/// The span keeps the name that the user wrote.
fn instrument(attr: &Attribute, function: &Ident) -> Attribute {
    let mut attr = attr.clone();
    let name = function.unraw().to_string();
    let path = attr.path().clone();
    attr.meta = match &attr.meta {
        Meta::List(list) if is_named(&list.tokens) => return attr,
        Meta::List(list) => {
            let tokens = &list.tokens;
            parse_quote!(#path(name = #name, #tokens))
        }
        _ => parse_quote!(#path(name = #name)),
    };
    attr
}

/// `"x"` or `name = ..` among the arguments; a field may well be called so, and stands in a group.
fn is_named(tokens: &TokenStream) -> bool {
    let mut starts = true;
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let assigned = matches!(tokens.peek(), Some(TokenTree::Punct(it)) if it.as_char() == '=');
        let is_name = matches!(token, TokenTree::Literal(_));
        if starts && (is_name || assigned && token.to_string() == "name") {
            return true;
        }
        starts = matches!(&token, TokenTree::Punct(it) if it.as_char() == ',');
    }
    false
}
