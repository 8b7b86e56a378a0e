//! The declared return type as what the body must produce.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Type, parse_quote};

use super::paths::at;
use crate::check::Checked;

/// An unreachable return of the declared type: it keeps coercions, and puts type errors into the user's body.
pub(super) fn expectation(checked: &Checked<'_>) -> TokenStream {
    let ret = inferred(checked.ret());
    quote_spanned! {at(checked.ret())=>
        #[allow(unknown_lints, clippy::all, clippy::pedantic, clippy::nursery)]
        if let ::core::option::Option::Some(__never) = ::core::option::Option::None::<#ret> {
            return __never;
        }
    }
}

/// The return type with each `impl Trait` left to inference.
pub(super) fn inferred(ret: &Type) -> Type {
    struct Infer;
    impl VisitMut for Infer {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            match ty {
                Type::ImplTrait(_) => *ty = parse_quote!(_),
                _ => visit_mut::visit_type_mut(self, ty),
            }
        }
    }
    let mut ty = ret.clone();
    Infer.visit_type_mut(&mut ty);
    ty
}
