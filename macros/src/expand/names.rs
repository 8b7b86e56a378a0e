//! The names in a pattern that must be known ones; a name that is not in scope is a variable, and matches everything.

use syn::visit_mut::{VisitMut, visit_field_pat_mut, visit_pat_mut};
use syn::{FieldPat, Pat, Token, parse_quote};

use crate::model::is_variable;

/// The pattern without its variables, if it has names that look like variants or constants. As one of two alternatives, of
/// which the other is `_`, it must bind nothing: rustc says of a variable that the other does not bind it.
pub(super) fn known(pattern: &Pat) -> Option<Pat> {
    let mut pattern = pattern.clone();
    let mut forget = Forget::default();
    forget.visit_pat_mut(&mut pattern);
    // What a macro binds cannot be told.
    (forget.names && !forget.macros).then_some(pattern)
}

#[derive(Default)]
struct Forget {
    names: bool,
    macros: bool,
}

impl VisitMut for Forget {
    fn visit_field_pat_mut(&mut self, field: &mut FieldPat) {
        if field.colon_token.is_none() {
            // `E::C { n }` binds a field.
            field.colon_token = Some(<Token![:]>::default());
            *field.pat = parse_quote!(_);
        }
        visit_field_pat_mut(self, field);
    }

    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        match pattern {
            Pat::Macro(_) => self.macros = true,
            Pat::Ident(name) => match name.subpat.take() {
                Some((_, inner)) => {
                    *pattern = *inner;
                    self.visit_pat_mut(pattern);
                }
                None if is_variable(name) => *pattern = parse_quote!(_),
                None => self.names = true,
            },
            _ => visit_pat_mut(self, pattern),
        }
    }
}
