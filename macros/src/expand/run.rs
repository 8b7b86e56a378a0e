//! The body itself: a future or a closure that the guard runs, and the runtime's words for either.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};

use super::paths::private;
use super::ret;
use crate::check::{Checked, Style};
use crate::model::Body;

/// `let __caught = ..`. No user-visible closure in the asynchronous form: `Send` and lifetimes stay simple.
pub(super) fn run(checked: &Checked<'_>, body: &Body) -> TokenStream {
    let private = private(checked);
    if let Style::Blocking = checked.style() {
        let ret = ret::inferred(checked.ret());
        let place = checked.function().sig.fn_token.span;
        let closure = quote_spanned!(place=> move || -> #ret #body);
        return quote_spanned! {Span::mixed_site()=>
            let __caught = #private::Guard::run_blocking(__guard, #closure);
        };
    }
    // In the user's own braces, for a block in a block would be one too many to the lints.
    let body = body.after(ret::expectation(checked));
    let future = quote_spanned!(place(checked)=> async move #body);
    quote_spanned!(Span::mixed_site()=> let __caught = #private::Guard::run(__guard, #future).await;)
}

/// `Send` failures point at the user's `async`. Its span is the user's own: in a future that a macro made, rustc does not
/// name the variables.
fn place(checked: &Checked<'_>) -> Span {
    match (&checked.function().sig.asyncness, checked.style()) {
        (Some(asyncness), _) => asyncness.span,
        (None, Style::Boxed(boxed)) => boxed.future.async_token.span,
        (None, _) => Span::mixed_site(),
    }
}

/// The runtime's words for the style of the function.
pub(super) struct Words {
    pub(super) enter: Ident,
    pub(super) finish: Ident,
    pub(super) finish_once: Ident,
    pub(super) wait: TokenStream,
}

impl Words {
    pub(super) fn of(checked: &Checked<'_>, span: Span) -> Self {
        let (suffix, wait) = match checked.style() {
            Style::Blocking => ("_blocking", TokenStream::new()),
            Style::Async | Style::Boxed(_) => ("", quote_spanned!(span=> .await)),
        };
        let word = |word: &str| format_ident!("{word}{suffix}", span = span);
        Self {
            enter: word("enter"),
            finish: word("finish"),
            finish_once: word("finish_once"),
            wait,
        }
    }
}
