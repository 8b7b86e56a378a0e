//! Which key takes which kind of value.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::spanned::Spanned as _;
use syn::{Path, parenthesized, token};

use super::{list, value};
use crate::diag::{Errors, unknown};
use crate::model::{Isolation, Keyed, Kind, Options, RETRY_KEYS, Retry, Spanned, TRANSACTION_KEYS};

/// Reads the arguments of one attribute into what is known so far.
pub(super) fn read(
    attribute: &Spanned<Kind>,
    args: TokenStream,
    options: &mut Options,
    errors: &mut Errors,
) {
    if attribute.value == Kind::RetryOnConflict {
        let retry = parsed(args, errors, retry_keys);
        errors.take(set(&mut options.retry, "retry", attribute.span, retry));
        return;
    }
    errors.take(preset(attribute, options));
    parsed(args, errors, |input, errors| {
        list::each(input, errors, |key, input, errors| {
            option(key, input, options, errors)
        });
    });
}

/// Runs a reader that takes all of its input and collects its own errors.
fn parsed<T: Default>(
    args: TokenStream,
    errors: &mut Errors,
    parser: impl FnOnce(ParseStream<'_>, &mut Errors) -> T,
) -> T {
    let result = super::read(args, |input| Ok(parser(input, &mut *errors)));
    errors.take(result).unwrap_or_default()
}

fn preset(attribute: &Spanned<Kind>, options: &mut Options) -> syn::Result<()> {
    let span = attribute.span;
    match attribute.value {
        Kind::ReadOnly => set(&mut options.read_only, "read_only", span, ()),
        Kind::Serializable => set(
            &mut options.isolation,
            "isolation",
            span,
            Isolation::Serializable,
        ),
        Kind::Transactional | Kind::RetryOnConflict => Ok(()),
    }
}

fn option(
    key: &Ident,
    input: ParseStream<'_>,
    into: &mut Options,
    errors: &mut Errors,
) -> syn::Result<()> {
    match key.to_string().as_str() {
        "propagation" => put(&mut into.propagation, key, value::word(key, input)?),
        "isolation" => put(&mut into.isolation, key, value::word(key, input)?),
        "read_only" => put(&mut into.read_only, key, value::flag(key, input)?),
        "deferrable" => put(&mut into.deferrable, key, value::flag(key, input)?),
        "durable" => put(&mut into.durable, key, value::flag(key, input)?),
        "timeout" => put(&mut into.timeout, key, value::duration(key, input)?),
        "statement_timeout" => put(
            &mut into.statement_timeout,
            key,
            value::duration(key, input)?,
        ),
        "lock_timeout" => put(&mut into.lock_timeout, key, value::duration(key, input)?),
        "retry" => put(&mut into.retry, key, retry(key, input, errors)?),
        "commit_on" => put(&mut into.commit_on, key, value::pattern(key, input)?),
        "no_mark" => put(&mut into.no_mark, key, value::pattern(key, input)?),
        "on" => put(&mut into.on, key, value::expression(key, input)?),
        "name" => put(&mut into.name, key, value::text(key, input)?),
        "crate" => put(&mut into.krate, key, krate(key, input)?),
        other => Err(syn::Error::new(key.span(), unknown_option(other))),
    }
}

fn retry(key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Retry> {
    if input.peek(token::Paren) {
        let content;
        parenthesized!(content in input);
        return Ok(retry_keys(&content, errors));
    }
    if input.is_empty() || input.peek(syn::Token![,]) {
        return Ok(Retry::default());
    }
    let message = "write `retry`, or `retry(attempts = 5)`";
    Err(syn::Error::new(key.span(), message))
}

fn retry_keys(input: ParseStream<'_>, errors: &mut Errors) -> Retry {
    let mut into = Retry::default();
    list::each(input, errors, |key, input, _| {
        match key.to_string().as_str() {
            "attempts" => put(&mut into.attempts, key, value::attempts(key, input)?),
            "base" => put(&mut into.base, key, value::duration(key, input)?),
            "cap" => put(&mut into.cap, key, value::duration(key, input)?),
            "budget" => put(&mut into.budget, key, value::duration(key, input)?),
            "also" => put(&mut into.also, key, value::pattern(key, input)?),
            other => Err(syn::Error::new(key.span(), unknown_retry_option(other))),
        }
    });
    into
}

fn krate(key: &Ident, input: ParseStream<'_>) -> syn::Result<Path> {
    value::equals(key, input, "crate = path::to::txkit")?;
    let path = input.call(Path::parse_mod_style)?;
    match path.segments.iter().find(|it| it.ident == "Self") {
        Some(it) => Err(syn::Error::new(
            it.span(),
            "`Self` is a type: write `crate = path::to::txkit`",
        )),
        None => Ok(path),
    }
}

fn unknown_option(met: &str) -> String {
    if RETRY_KEYS.contains(&met) {
        return format!("`{met}` is an option of a retry: write `retry({met} ..)`");
    }
    unknown("option", met, TRANSACTION_KEYS)
}

fn unknown_retry_option(met: &str) -> String {
    if TRANSACTION_KEYS.contains(&met) {
        return format!(
            "`{met}` is not an option of a retry: write `#[transactional({met} ..)]`, attributes merge"
        );
    }
    unknown("retry option", met, RETRY_KEYS)
}

fn put<T>(slot: &mut Keyed<T>, key: &Ident, value: T) -> syn::Result<()> {
    set(slot, &key.to_string(), key.span(), value)
}

fn set<T>(slot: &mut Keyed<T>, name: &str, span: proc_macro2::Span, value: T) -> syn::Result<()> {
    if slot.is_some() {
        let message = format!("`{name}` is given twice, here or in another attribute");
        return Err(syn::Error::new(span, message));
    }
    *slot = Some(Spanned { span, value });
    Ok(())
}
