//! The protocol around a body: enter, bind, run, finish; once, or until the runtime says that it is enough.
//!
//! Functions are named by their path, and each is spanned at the type that it puts a bound on: one mistake in that
//! type is one error there.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};

use super::paths::{at_error, at_handle, at_name, private, private_at};
use super::run::{Words, run};
use super::{arguments, definition, ret, verdict};
use crate::check::{Checked, Form, MARK, erased};
use crate::model::{Body, Propagation};

/// Everything from the source to the returned value; statements and a tail expression.
pub(super) fn machine(checked: &Checked<'_>, source: &TokenStream, body: &Body) -> TokenStream {
    let private = private(checked);
    let definition = definition::definition(checked);
    let mark = format_ident!("{MARK}", span = Span::mixed_site());
    let span = at_handle(checked);
    let here = private_at(checked, span);
    let call = quote_spanned!(span=> #here::Call::new(#source, #mark));
    // What a handle that escapes has borrowed: an error about it points at the handle.
    let borrowed = quote_spanned!(at_name(checked)=> mut __call);
    let attempt = attempt(checked, body);
    let verdict = verdict::verdict(checked);
    let ending = ending(checked);
    let run = quote_spanned! {Span::mixed_site()=>
        #attempt
        let __verdict = #verdict;
        #ending
    };
    let run = match checked.options().retry {
        None => run,
        Some(_) => quote_spanned!(Span::mixed_site()=> loop { #run }),
    };
    let evidence = evidence(checked);
    quote_spanned! {Span::mixed_site()=>
        const #mark: &#private::Definition = &#definition;
        #evidence
        let #borrowed = #call;
        #run
    }
}

/// The bounds that nothing else asks for, each spanned at the tokens that it is about.
fn evidence(checked: &Checked<'_>) -> TokenStream {
    let span = at_error(checked);
    let private = private_at(checked, span);
    let ret = ret::inferred(checked.ret());
    let returns = quote_spanned!(span=> let __returns = #private::evidence::<#ret>(););
    let options = checked.options();
    let deferrable = options.deferrable.as_ref().map(|key| key.span);
    let deferrable = deferrable.map(|span| capability(checked, "deferrable", span));
    let timeout = options.statement_timeout.as_ref().map(|key| key.span);
    let timeout = timeout.map(|span| capability(checked, "statement_timeout", span));
    quote_spanned!(Span::mixed_site()=> #returns #deferrable #timeout)
}

/// What only some engines and drivers can do, asked for at the option that needs it.
fn capability(checked: &Checked<'_>, name: &str, span: Span) -> TokenStream {
    let span = Span::mixed_site().located_at(span);
    let private = private_at(checked, span);
    let handle = checked.handle();
    let ty = erased(&handle.ty);
    let conn = match handle.form {
        Form::ByRef => quote_spanned!(span=> <#ty as #private::ByRef>::Conn),
        _ => quote_spanned!(span=> <#ty as #private::Handle>::Conn),
    };
    let name = Ident::new(name, span);
    quote_spanned!(span=> #private::#name::<#conn>();)
}

/// `let __caught = ..`: one run of the body, what it borrowed given back before the end is decided.
fn attempt(checked: &Checked<'_>, body: &Body) -> TokenStream {
    let span = at_handle(checked);
    let here = private_at(checked, span);
    let Words { enter, wait, .. } = Words::of(checked, span);
    let enter = quote_spanned!(span=> #here::Call::#enter(&mut __call) #wait);
    let guard = quote_spanned!(span=> #here::Entered::guard(&mut __entered));
    let fail = {
        let span = at_error(checked);
        let private = private_at(checked, span);
        quote_spanned!(span=> #private::Evidence::fail(__returns, __error))
    };
    let bind = bind(checked);
    let replayed = arguments::replayed(checked);
    let run = run(checked, body);
    quote_spanned! {Span::mixed_site()=>
        let __caught = {
            let mut __entered = match #enter {
                ::core::result::Result::Ok(__entered) => __entered,
                ::core::result::Result::Err(__error) => return #fail,
            };
            let __guard = #guard;
            #bind
            #replayed
            #run
            __caught
        };
    }
}

/// The user's own name for the handle, of the type that was declared.
fn bind(checked: &Checked<'_>) -> TokenStream {
    let handle = checked.handle();
    let ty = erased(&handle.ty);
    let (attrs, mutability) = (handle.attrs, handle.mutability);
    let span = at_handle(checked);
    let private = private_at(checked, span);
    let wild = quote_spanned!(span=> _);
    let take = match checked.options().propagation() {
        Propagation::Supports | Propagation::NotSupported | Propagation::Never => {
            quote_spanned!(span=> session)
        }
        _ if checked.options().read_only.is_some() => quote_spanned!(span=> reader),
        _ => quote_spanned!(span=> handle),
    };
    match handle.form {
        // Always mutable: `&mut tx` is how a handle is used, and the declaration need not say so.
        Form::ByValue | Form::On { by_ref: false } => {
            let name = handle
                .ident
                .map_or(wild, |ident| quote_spanned!(span=> mut #ident));
            quote_spanned! {span=>
                #[allow(unused_mut)]
                #(#attrs)*
                let #name: #ty = #private::Entered::#take(__entered);
            }
        }
        Form::ByRef => {
            let name = handle
                .ident
                .map_or(wild, |ident| quote_spanned!(span=> #mutability #ident));
            quote_spanned! {span=>
                let mut __held = #private::Entered::held::<#ty>(__entered);
                #(#attrs)*
                let #name: &mut #ty = __held.get();
            }
        }
        Form::On { by_ref: true } => {
            let name = handle
                .ident
                .map_or(wild, |ident| quote_spanned!(span=> #mutability #ident));
            quote_spanned! {span=>
                let mut __held: #ty = #private::Entered::#take(__entered);
                #(#attrs)*
                let #name: &mut #ty = &mut __held;
            }
        }
    }
}

/// What is returned, or that the body runs again.
fn ending(checked: &Checked<'_>) -> TokenStream {
    let span = at_handle(checked);
    let Words {
        finish,
        finish_once,
        wait,
        ..
    } = Words::of(checked, span);
    let here = private_at(checked, span);
    let private = private(checked);
    // Where the transaction ends, and a handle that escaped would still be in use.
    let end = Span::mixed_site().located_at(checked.function().body.brace.span.close());
    let ended = quote_spanned!(end=> let __ended = &mut __call;);
    if checked.options().retry.is_none() {
        // A temporary in a tail expression outlives the call before edition 2024.
        return quote_spanned! {span=>
            #ended
            let __value = #here::Call::#finish_once(__ended, __caught, __verdict, __returns) #wait;
            __value
        };
    }
    let finish =
        quote_spanned!(span=> #here::Call::#finish(__ended, __caught, __verdict, __returns) #wait);
    quote_spanned! {Span::mixed_site()=>
        #ended
        match #finish {
            #private::Flow::Return(__value) => return __value,
            #private::Flow::Replay => {}
        }
    }
}
