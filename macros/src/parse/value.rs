//! One reader for each kind of value, each with the remedy for what people write instead.

use std::time::Duration;

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::spanned::Spanned as _;
use syn::{Expr, Lit, LitStr, Pat, Path, Token, parenthesized, token};

use crate::diag::{closest, one_of, unknown};
use crate::model::{Word, is_variable};

/// The longest timeout the engines can hold, in milliseconds.
const LONGEST: u64 = i32::MAX as u64;

const UNITS: &[(&str, u64)] = &[
    ("us", 1),
    ("ms", 1_000),
    ("s", 1_000_000),
    ("m", 60_000_000),
];

/// `=`, or the shape to write.
pub(super) fn equals(key: &Ident, input: ParseStream<'_>, shape: &str) -> syn::Result<()> {
    if input.parse::<Option<Token![=]>>()?.is_some() {
        return Ok(());
    }
    Err(syn::Error::new(key.span(), format!("write `{shape}`")))
}

pub(super) fn flag(key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    let message = format!("`{key}` takes no value: write `{key}`, or leave it out");
    Err(syn::Error::new(key.span(), message))
}

pub(super) fn word<W: Word>(key: &Ident, input: ParseStream<'_>) -> syn::Result<W> {
    let words: Vec<_> = W::ALL.iter().map(|(word, _)| *word).collect();
    let expected = one_of(&words);
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(key.span(), unassigned(key, input, &words)));
    }
    input.parse::<Token![=]>()?;
    if let Ok(text) = input.parse::<LitStr>() {
        let near = closest(&text.value(), &words).unwrap_or(words[0]);
        let message = format!("words are not quoted: write `{key} = {near}`");
        return Err(syn::Error::new(text.span(), message));
    }
    let path = input
        .call(Path::parse_mod_style)
        .map_err(|error| syn::Error::new(error.span(), format!("expected {expected}")))?;
    let met = path
        .segments
        .last()
        .map_or(String::new(), |last| last.ident.to_string());
    match W::ALL.iter().find(|(word, _)| path.is_ident(word)) {
        Some((_, value)) => Ok(*value),
        None => Err(syn::Error::new(path.span(), unknown(W::WHAT, &met, &words))),
    }
}

/// `isolation(serializable)`, or nothing said at all.
fn unassigned(key: &Ident, input: ParseStream<'_>, words: &[&str]) -> String {
    let inside = match input.peek(token::Paren) {
        true => input.parse::<proc_macro2::Group>().ok(),
        false => None,
    };
    let near = inside.and_then(|group| closest(&group.stream().to_string(), words));
    match near {
        Some(near) => format!("write `{key} = {near}`"),
        None => format!("write `{key} = ..`, with {}", one_of(words)),
    }
}

pub(super) fn duration(key: &Ident, input: ParseStream<'_>) -> syn::Result<Duration> {
    equals(key, input, &format!("{key} = \"5s\""))?;
    let expr: Expr = input
        .parse()
        .map_err(|error| syn::Error::new(error.span(), "expected a duration such as `\"5s\"`"))?;
    let fail = |message: String| syn::Error::new(expr.span(), message);
    let Some(literal) = literal(&expr) else {
        return Err(fail("expected a duration such as `\"5s\"`".into()));
    };
    match literal {
        Lit::Str(text) if text.suffix().is_empty() => parse_duration(&text.value()).map_err(fail),
        Lit::Int(number) if number.suffix().is_empty() => Err(fail(format!(
            "a duration has a unit: write `\"{number}s\"` or `\"{number}ms\"`"
        ))),
        Lit::Int(number) => Err(fail(format!("a duration is quoted: write `\"{number}\"`"))),
        _ => Err(fail("expected a duration such as `\"5s\"`".into())),
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = (&text[..split], &text[split..]);
    let names: Vec<_> = UNITS.iter().map(|(name, _)| *name).collect();
    if number.is_empty() || unit.contains(|c: char| !c.is_alphabetic()) {
        return Err(format!(
            "`{text}` is not a duration: write a whole number and a unit, {}",
            one_of(&names)
        ));
    }
    let micros = match UNITS.iter().find(|(name, _)| *name == unit) {
        Some((_, micros)) => micros,
        None if unit.is_empty() => {
            return Err(format!(
                "a duration has a unit: write `\"{number}s\"` or `\"{number}ms\"`"
            ));
        }
        None => return Err(unknown("unit", unit, &names)),
    };
    let total = number
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(*micros));
    match total {
        Some(0) => Err(format!(
            "`{text}` is no time at all: leave the option out, or give it some"
        )),
        Some(total) if total <= LONGEST * 1_000 => Ok(Duration::from_micros(total)),
        _ => Err(format!(
            "`{text}` is longer than the engines can hold: at most `\"{}m\"`",
            LONGEST / 60_000
        )),
    }
}

/// A literal, also in the groups that macros leave around it; one with an attribute could be configured away.
fn literal(mut expr: &Expr) -> Option<&Lit> {
    while let Expr::Group(group) = expr {
        expr = &group.expr;
    }
    match expr {
        Expr::Lit(literal) if literal.attrs.is_empty() => Some(&literal.lit),
        _ => None,
    }
}

pub(super) fn attempts(key: &Ident, input: ParseStream<'_>) -> syn::Result<u32> {
    equals(key, input, &format!("{key} = 5"))?;
    let expr: Expr = input.parse().map_err(|error| {
        syn::Error::new(error.span(), "expected a number of attempts such as `5`")
    })?;
    let fail = |message: &str| Err(syn::Error::new(expr.span(), message));
    let number = match literal(&expr) {
        Some(Lit::Int(number)) if matches!(number.suffix(), "" | "u32") => number,
        _ => return fail("expected a number of attempts such as `5`"),
    };
    match number.base10_parse::<u32>() {
        Ok(0 | 1) => {
            fail("the first attempt counts, so a retry has at least 2: raise it, or drop the retry")
        }
        Ok(attempts) => Ok(attempts),
        Err(_) => fail("expected a number of attempts such as `5`, at most `4294967295`"),
    }
}

pub(super) fn pattern(key: &Ident, input: ParseStream<'_>) -> syn::Result<Pat> {
    let shape = format!("write `{key}(PATTERN)`, for example `{key}(MyError::Declined(_))`");
    if !input.peek(token::Paren) {
        return Err(syn::Error::new(key.span(), shape));
    }
    let content;
    parenthesized!(content in input);
    if content.is_empty() {
        return Err(syn::Error::new(key.span(), shape));
    }
    let pattern = content.call(Pat::parse_multi_with_leading_vert);
    let pattern = pattern.map_err(|error| drained(&content, error))?;
    if content.is_empty() {
        return refuse_variables(key, &pattern).map(|()| pattern);
    }
    let message = match content.peek(Token![if]) {
        true => "a guard does not fit here, the pattern alone decides",
        false => "join patterns with `|`",
    };
    let error = content.error(message);
    Err(drained(&content, error))
}

/// A variable matches every error, which is said plainly by `_`.
fn refuse_variables(key: &Ident, pattern: &Pat) -> syn::Result<()> {
    match pattern {
        Pat::Ident(name) if name.subpat.is_none() && is_variable(name) => {
            let message = format!(
                "`{}` is a variable and matches every error: name a variant, or write `{key}(_)` if every error is meant",
                name.ident
            );
            Err(syn::Error::new(name.ident.span(), message))
        }
        Pat::Or(or) => or
            .cases
            .iter()
            .try_for_each(|case| refuse_variables(key, case)),
        Pat::Paren(inner) => refuse_variables(key, &inner.pat),
        _ => Ok(()),
    }
}

/// Takes what is left of a group, so that syn does not report it a second time.
fn drained(content: ParseStream<'_>, error: syn::Error) -> syn::Error {
    while content.parse::<proc_macro2::TokenTree>().is_ok() {}
    error
}

pub(super) fn expression(key: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    equals(key, input, &format!("{key} = self.pool"))?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new(
            key.span(),
            format!("write `{key} = self.pool`"),
        ));
    }
    input.parse()
}

pub(super) fn text(key: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let shape = format!("write `{key} = \"..\"`");
    equals(key, input, &format!("{key} = \"..\""))?;
    let text: LitStr = input
        .parse()
        .map_err(|error| syn::Error::new(error.span(), &shape))?;
    if !text.suffix().is_empty() {
        return Err(syn::Error::new(text.span(), &shape));
    }
    match text.value().is_empty() {
        true => Err(syn::Error::new(
            text.span(),
            "a name is not empty: leave it out",
        )),
        false => Ok(text),
    }
}
