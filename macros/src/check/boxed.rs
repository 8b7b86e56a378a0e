//! Recognises what `#[async_trait]` and its like leave: `Box::pin(async move { .. })` as the last expression.

use syn::parse::Parser as _;
use syn::{
    AngleBracketedGenericArguments, Block, Expr, ExprAsync, ExprCall, GenericArgument,
    PathArguments, ReturnType, Stmt, Type, TypeParamBound,
};

use super::types::{last_segment, peel, type_arguments};
use crate::model::Function;

/// A function that returns a boxed future, taken apart.
pub(crate) struct Boxed {
    /// What stands before the future.
    pub(crate) before: Vec<Stmt>,
    /// `Box::pin`.
    pub(crate) call: ExprCall,
    pub(crate) future: ExprAsync,
    /// What the future returns.
    pub(crate) output: Type,
}

pub(crate) fn find(function: &Function) -> Option<Boxed> {
    let ReturnType::Type(_, returned) = &function.sig.output else {
        return None;
    };
    let output = output(returned)?;
    let mut before = Block::parse_within
        .parse2(function.body.tokens.clone())
        .ok()?;
    let Some(Stmt::Expr(Expr::Call(call), None)) = before.pop() else {
        return None;
    };
    let Expr::Path(path) = &*call.func else {
        return None;
    };
    let mut names = path
        .path
        .segments
        .iter()
        .rev()
        .map(|segment| &segment.ident);
    let pins = names.next()? == "pin" && names.next()? == "Box";
    let Some(Expr::Async(future)) = call.args.first() else {
        return None;
    };
    let future = future.clone();
    pins.then_some(Boxed {
        before,
        call,
        future,
        output,
    })
}

/// `R` of `Pin<Box<dyn Future<Output = R> + ..>>`.
fn output(returned: &Type) -> Option<Type> {
    let pin = last_segment(returned).filter(|it| it.ident == "Pin")?;
    let boxed = last_segment(type_arguments(pin).next()?).filter(|it| it.ident == "Box")?;
    let Type::TraitObject(object) = peel(type_arguments(boxed).next()?) else {
        return None;
    };
    object.bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let future = bound
            .path
            .segments
            .last()
            .filter(|it| it.ident == "Future")?;
        let PathArguments::AngleBracketed(arguments) = &future.arguments else {
            return None;
        };
        output_argument(arguments)
    })
}

fn output_argument(arguments: &AngleBracketedGenericArguments) -> Option<Type> {
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(it) if it.ident == "Output" => Some(it.ty.clone()),
        _ => None,
    })
}
