//! Model to checked model: every rule that syntax can tell, all violations at once. The only place that makes a [`Checked`].

mod arguments;
mod boxed;
mod function;
mod generics;
mod handle;
mod options;
mod ret;
mod rules;
mod types;

use syn::Type;

pub(crate) use self::arguments::{Argument, Replay};
pub(crate) use self::boxed::{Boxed, find as find_boxed};
pub(crate) use self::function::MARK;
pub(crate) use self::generics::unbound_connection;
pub(crate) use self::handle::{Form, Handle, split};
pub(crate) use self::types::{
    Sort, connection_of, corrected, erased, last_segment, peel, sort, type_arguments,
};
use crate::diag::Errors;
use crate::model::{Function, Options};

/// A function that can be expanded. Its fields are private to this module's children and its readers are below,
/// so that nothing unchecked is ever expanded.
pub(crate) struct Checked<'f> {
    function: &'f Function,
    options: Options,
    handle: Handle<'f>,
    arguments: Vec<Argument<'f>>,
    ret: Type,
    style: Style,
}

/// How the body runs.
pub(crate) enum Style {
    Async,
    Blocking,
    /// `#[async_trait]` made it a function that returns a boxed future.
    Boxed(Box<Boxed>),
}

impl<'f> Checked<'f> {
    pub(crate) fn function(&self) -> &'f Function {
        self.function
    }
    pub(crate) fn options(&self) -> &Options {
        &self.options
    }
    pub(crate) fn handle(&self) -> &Handle<'f> {
        &self.handle
    }
    pub(crate) fn arguments(&self) -> &[Argument<'f>] {
        &self.arguments
    }
    /// The declared return type; of a boxed future, its output.
    pub(crate) fn ret(&self) -> &Type {
        &self.ret
    }
    pub(crate) fn style(&self) -> &Style {
        &self.style
    }
}

impl Style {
    /// The trait that makes a type a connection for functions of this style.
    fn bound(&self) -> &'static str {
        match self {
            Style::Blocking => "BlockingConnection",
            Style::Async | Style::Boxed(_) => "AsyncConnection",
        }
    }
}

/// Checks everything, and says everything that is wrong.
pub(crate) fn check(function: &Function, options: Options) -> syn::Result<Checked<'_>> {
    let mut errors = Errors::default();
    let style = style(function);
    function::check(function, &style, &mut errors);
    options::check(&options, &mut errors);
    let ret = errors.take(ret::declared(function, &style));
    let handle = errors.take(handle::declared(function, &options, &style));
    if let Some(handle) = &handle {
        rules::check(handle, &options, &mut errors);
        generics::check(function, handle, &style, &mut errors);
        if let (Form::ByValue, Some(ret)) = (handle.form, &ret) {
            ret::captures(ret, &mut errors);
        }
    }
    let arguments = arguments::check(function, &options, &style, &mut errors);
    errors.into_result()?;
    match (handle, ret) {
        (Some(handle), Some(ret)) => Ok(Checked {
            function,
            options,
            handle,
            arguments,
            ret,
            style,
        }),
        _ => Err(syn::Error::new_spanned(
            &function.sig,
            "this function cannot be expanded",
        )),
    }
}

fn style(function: &Function) -> Style {
    if function.sig.asyncness.is_some() {
        return Style::Async;
    }
    find_boxed(function).map_or(Style::Blocking, |boxed| Style::Boxed(Box::new(boxed)))
}
