//! The options as constant data.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::LitStr;
use syn::ext::IdentExt as _;

use super::paths::private;
use crate::check::{Checked, Sort};
use crate::model::{Keyed, Propagation, Retry};

/// `Definition::new(..)` and what the options add to it.
pub(super) fn definition(checked: &Checked<'_>) -> TokenStream {
    let private = private(checked);
    let options = checked.options();
    let name = name(checked);
    let mut chain = TokenStream::new();
    if options.propagation() != Propagation::Required {
        let variant = ident(&options.propagation().variant());
        chain.extend(quote!(.propagation(#private::Propagation::#variant)));
    }
    if let Some(isolation) = &options.isolation {
        let variant = ident(&isolation.value.variant());
        chain.extend(quote!(.isolation(#private::Isolation::#variant)));
    }
    if options.read_only.is_some() || checked.handle().sort == Sort::Read {
        chain.extend(quote!(.read_only()));
    }
    if options.deferrable.is_some() {
        chain.extend(quote!(.deferrable()));
    }
    if options.durable.is_some() {
        chain.extend(quote!(.durable()));
    }
    chain.extend(time("timeout", &options.timeout));
    chain.extend(time("statement_timeout", &options.statement_timeout));
    chain.extend(time("lock_timeout", &options.lock_timeout));
    if let Some(given) = &options.retry {
        let retry = retry(&given.value);
        chain.extend(quote!(.retry(#private::Retry::new() #retry)));
    }
    // The place is the function's name, not the attribute's.
    let place = checked.function().sig.ident.span();
    let place = quote_spanned!(place=> ::core::file!(), ::core::line!());
    quote!(#private::Definition::new(#name, #place) #chain)
}

fn name(checked: &Checked<'_>) -> TokenStream {
    if let Some(name) = &checked.options().name {
        let name = &name.value;
        return quote!(#name);
    }
    let name = format!("::{}", checked.function().sig.ident.unraw());
    let name = LitStr::new(&name, Span::mixed_site());
    quote!(::core::concat!(::core::module_path!(), #name))
}

fn retry(retry: &Retry) -> TokenStream {
    let attempts = retry.attempts.as_ref().map(|given| {
        let attempts = given.value;
        quote!(.attempts(#attempts))
    });
    let base = time("base", &retry.base);
    let cap = time("cap", &retry.cap);
    let budget = time("budget", &retry.budget);
    quote!(#attempts #base #cap #budget)
}

fn time(method: &str, given: &Keyed<Duration>) -> Option<TokenStream> {
    let duration = given.as_ref()?.value;
    let method = ident(method);
    // The parser caps durations at what an `i32` of milliseconds holds.
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let value = match micros % 1_000 {
        0 => {
            let millis = micros / 1_000;
            quote!(::core::time::Duration::from_millis(#millis))
        }
        _ => quote!(::core::time::Duration::from_micros(#micros)),
    };
    Some(quote!(.#method(#value)))
}

fn ident(name: &str) -> Ident {
    format_ident!("{name}", span = Span::mixed_site())
}
