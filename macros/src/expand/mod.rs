//! Checked model to tokens: which form, and what is common to all. It can say no error: nothing unchecked gets here.

mod arguments;
mod attributes;
mod boxed;
mod by_value;
mod definition;
mod fallback;
mod hidden;
mod inline;
mod machine;
mod names;
mod paths;
mod ret;
mod run;
mod verdict;

use proc_macro2::TokenStream;

pub(crate) use fallback::fallback;

use crate::check::{Checked, Form};

/// The function as the runtime runs it.
pub(crate) fn expand(checked: &Checked<'_>) -> TokenStream {
    match checked.handle().form {
        Form::ByValue => by_value::expand(checked),
        Form::ByRef | Form::On { .. } => inline::expand(checked),
    }
}
