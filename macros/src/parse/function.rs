//! The item under the attribute: a function with a body, or a remedy for what stands there instead.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Signature, Token, Visibility, braced};

use super::{NotAFunction, attributes};
use crate::model::{Body, Function, Kind};

/// Reads the function, its body unread.
pub(super) fn parse(kind: Kind, item: TokenStream) -> Result<Function, NotAFunction> {
    match super::read(item.clone(), function) {
        Ok(function) => Ok(function),
        Err(error) => Err(describe(kind, item, error)),
    }
}

fn function(input: ParseStream<'_>) -> syn::Result<Function> {
    let mut attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    let sig: Signature = input.parse()?;
    let content;
    let brace = braced!(content in input);
    attrs.extend(content.call(Attribute::parse_inner)?.into_iter().map(outer));
    let tokens = content.parse()?;
    let body = Body { brace, tokens };
    Ok(Function {
        attrs,
        vis,
        sig,
        body,
    })
}

/// An inner attribute does not fit the block that the body becomes; outside it means the same.
fn outer(mut attr: Attribute) -> Attribute {
    attr.style = syn::AttrStyle::Outer;
    attr
}

fn describe(kind: Kind, item: TokenStream, error: syn::Error) -> NotAFunction {
    let read = |input: ParseStream<'_>| {
        let mut attrs = input.call(Attribute::parse_outer)?;
        attributes::leave_names(&mut attrs);
        let found = found(&input.fork());
        let rest: TokenStream = input.parse()?;
        Ok((found, quote!(#(#attrs)* #rest)))
    };
    match read.parse2(item.clone()) {
        Ok((Some((word, remedy)), item)) => {
            let name = kind.name();
            let message = format!("`#[{name}]` goes on a function with a body: {remedy}");
            let error = syn::Error::new(word.span(), message);
            NotAFunction { error, item }
        }
        Ok((None, item)) => NotAFunction { error, item },
        Err(_) => NotAFunction { error, item },
    }
}

/// The word that tells what stands there, with what to do about it.
fn found(input: ParseStream<'_>) -> Option<(Ident, &'static str)> {
    input.parse::<Visibility>().ok()?;
    let ahead = input.fork();
    if let Ok(sig) = ahead.parse::<Signature>() {
        input.advance_to(&ahead);
        return input.peek(Token![;]).then_some((
            sig.ident,
            "the trait declares it, so put the attribute on each implementation",
        ));
    }
    while let Ok(word) = input.call(Ident::parse_any) {
        if let Some(remedy) = remedy(&word) {
            return Some((word, remedy));
        }
    }
    let token = input.parse::<TokenTree>().ok()?;
    let word = Ident::new("item", token.span());
    Some((word, "move the code into one"))
}

fn remedy(word: &Ident) -> Option<&'static str> {
    Some(match word.to_string().as_str() {
        "impl" => "put it on each function of the `impl` that runs in a transaction",
        "trait" => "put it on each implementation's functions, or on those with a default body",
        "mod" => "put it on each function of the module that runs in a transaction",
        "struct" | "enum" | "union" | "type" => "put it on the functions that use this type",
        "static" | "use" | "let" | "extern" | "macro_rules" | "macro" => "move it to one",
        _ => return None,
    })
}
