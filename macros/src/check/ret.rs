//! The return type must be able to report a commit that failed (R25), as far as its name tells.

use syn::visit_mut::VisitMut;
use syn::{PreciseCapture, ReturnType, Type};

use super::Style;
use super::types::{PRIMITIVES, last_segment, peel, type_arguments};
use crate::diag::Errors;
use crate::model::Function;

const REMEDY: &str = "return a `Result<_, E>` where `E: From<txkit::Error>`, so that a commit that failed can be reported";

/// Names that are no `Result`, whatever they hold.
const NO_RESULTS: &[&str] = &["Option", "Vec", "Box"];

/// A by-value handle makes the caller's source a type parameter without a name, which `use<..>` would have to list.
pub(super) fn captures(ret: &Type, errors: &mut Errors) {
    struct Find<'e>(&'e mut Errors);
    impl VisitMut for Find<'_> {
        fn visit_precise_capture_mut(&mut self, capture: &mut PreciseCapture) {
            self.0.on(
                capture,
                "`use<..>` cannot leave out what the transaction is begun from: box the value, \
                 or declare the handle as `&mut`",
            );
        }
    }
    Find(errors).visit_type_mut(&mut ret.clone());
}

pub(super) fn declared(function: &Function, style: &Style) -> syn::Result<Type> {
    let declared = match (style, &function.sig.output) {
        (Style::Boxed(boxed), _) => boxed.output.clone(),
        (_, ReturnType::Type(_, ty)) => (**ty).clone(),
        (_, ReturnType::Default) => {
            let message = format!("nothing is returned: {REMEDY}");
            return Err(syn::Error::new(function.sig.ident.span(), message));
        }
    };
    match complaint(&declared, style) {
        Some(message) => Err(syn::Error::new_spanned(declared, message)),
        None => Ok(declared),
    }
}

fn complaint(declared: &Type, style: &Style) -> Option<String> {
    let declared = peel(declared);
    if matches!(style, Style::Blocking) && is_future(declared) {
        return Some(
            "a returned future would run after the transaction ended: write `async fn`; \
             where another attribute makes the future, put this one above it"
                .into(),
        );
    }
    match declared {
        Type::Path(_) => (),
        Type::Macro(_) | Type::Infer(_) => return None,
        Type::ImplTrait(_) => {
            return Some(format!("`impl Trait` hides what is returned: {REMEDY}"));
        }
        _ => return Some(format!("this is no `Result`: {REMEDY}")),
    }
    let last = last_segment(declared)?;
    if NO_RESULTS
        .iter()
        .chain(PRIMITIVES)
        .any(|name| last.ident == name)
    {
        return Some(format!("`{}` is no `Result`: {REMEDY}", last.ident));
    }
    let inner = type_arguments(last).next()?;
    let nested =
        last.ident == "Result" && last_segment(inner).is_some_and(|it| it.ident == "Result");
    nested.then(|| {
        "a `Result` in a `Result` hides a failure, which would commit: flatten it, \
         or declare with `commit_on(..)` which errors commit"
            .into()
    })
}

fn is_future(declared: &Type) -> bool {
    let Some(last) = last_segment(declared) else {
        return matches!(declared, Type::ImplTrait(it) if mentions_future(it));
    };
    let name = last.ident.to_string();
    let pinned = || {
        let boxed = type_arguments(last).next().and_then(last_segment);
        let inner = boxed.and_then(|it| type_arguments(it).next());
        matches!(inner.map(peel), Some(Type::TraitObject(it)) if mentions_future(it))
    };
    matches!(name.as_str(), "BoxFuture" | "LocalBoxFuture") || (name == "Pin" && pinned())
}

fn mentions_future(bounds: &impl quote::ToTokens) -> bool {
    let mut tokens = bounds.to_token_stream().into_iter();
    tokens.any(|token| token.to_string() == "Future")
}
