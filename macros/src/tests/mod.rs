//! Expansions and errors, through the pipeline and without a compiler.

mod errors;
mod errors_in_signatures;
mod misuse;
mod robust;
mod snapshots;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::Parser as _;
use syn::{Attribute, Meta};

use crate::model::Kind;
use crate::pipeline;

/// Expands the first attribute of the source, as rustc would.
fn expand(source: &str) -> TokenStream {
    let tokens: TokenStream = source.parse().expect("the source has tokens");
    let (kind, args, item) = first_attribute(tokens).expect("the source has an attribute of ours");
    pipeline::expand(kind, args, item)
}

/// The first of our attributes taken off the item.
fn first_attribute(tokens: TokenStream) -> Option<(Kind, TokenStream, TokenStream)> {
    let split = |input: syn::parse::ParseStream<'_>| {
        Ok((
            input.call(Attribute::parse_outer)?,
            input.parse::<TokenStream>()?,
        ))
    };
    let (mut attrs, rest) = split.parse2(tokens).ok()?;
    let first = attrs
        .iter()
        .position(|attr| Kind::of(attr.path()).is_some())?;
    let attr = attrs.remove(first);
    let args = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let mut item: TokenStream = attrs.iter().map(ToTokens::to_token_stream).collect();
    item.extend(rest);
    Some((Kind::of(attr.path())?, args, item))
}

/// What the expansion complains about, in the order of the source.
fn messages(expanded: &TokenStream) -> Vec<String> {
    let file: syn::File = syn::parse2(expanded.clone()).expect("an expansion is a list of items");
    let complaint = |item: &syn::Item| match item {
        syn::Item::Macro(it) if it.mac.path.segments.last()?.ident == "compile_error" => it
            .mac
            .parse_body::<syn::LitStr>()
            .ok()
            .map(|text| text.value()),
        _ => None,
    };
    file.items.iter().filter_map(complaint).collect()
}
