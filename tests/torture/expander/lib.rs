//! The macros' own sources as an ordinary library, so that they can be called without a compiler; knows nothing of who calls.

#[path = "../../../macros/src/check/mod.rs"]
mod check;
#[path = "../../../macros/src/diag.rs"]
mod diag;
#[path = "../../../macros/src/expand/mod.rs"]
mod expand;
#[path = "../../../macros/src/model/mod.rs"]
mod model;
#[path = "../../../macros/src/parse/mod.rs"]
mod parse;
#[path = "../../../macros/src/pipeline.rs"]
mod pipeline;

use proc_macro2::TokenStream;

/// Which of the four attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `#[transactional]`
    Transactional,
    /// `#[read_only]`
    ReadOnly,
    /// `#[serializable]`
    Serializable,
    /// `#[retry_on_conflict]`
    RetryOnConflict,
}

impl Kind {
    /// All four.
    pub const ALL: [Self; 4] = [
        Self::Transactional,
        Self::ReadOnly,
        Self::Serializable,
        Self::RetryOnConflict,
    ];

    /// The attribute as it is written, without its `#[..]`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.kind().name()
    }

    /// What the attribute makes of an item, as rustc would be given it.
    #[must_use]
    pub fn expand(self, args: TokenStream, item: TokenStream) -> TokenStream {
        pipeline::expand(self.kind(), args, item)
    }

    fn kind(self) -> model::Kind {
        match self {
            Self::Transactional => model::Kind::Transactional,
            Self::ReadOnly => model::Kind::ReadOnly,
            Self::Serializable => model::Kind::Serializable,
            Self::RetryOnConflict => model::Kind::RetryOnConflict,
        }
    }
}
