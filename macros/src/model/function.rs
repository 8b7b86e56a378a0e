//! The function an attribute stands on, its body unread: parsing bodies costs compile time and loses nothing if left out.

use proc_macro2::TokenStream;
use syn::{Attribute, Signature, Visibility, token};

/// A function with a body.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: Body,
}

/// A body as it was written, braces included, so that what rustc says of it points into it.
pub(crate) struct Body {
    pub(crate) brace: token::Brace,
    pub(crate) tokens: TokenStream,
}

impl Body {
    /// The same body, with something said first.
    pub(crate) fn after(&self, first: TokenStream) -> Self {
        let (brace, mut tokens) = (self.brace, first);
        tokens.extend(self.tokens.clone());
        Self { brace, tokens }
    }
}

impl quote::ToTokens for Body {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.brace
            .surround(tokens, |inside| inside.extend(self.tokens.clone()));
    }
}
