//! The four attributes by name.

use syn::ext::IdentExt as _;

/// Which attribute was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Transactional,
    ReadOnly,
    Serializable,
    RetryOnConflict,
}

impl Kind {
    const ALL: [Self; 4] = [
        Self::Transactional,
        Self::ReadOnly,
        Self::Serializable,
        Self::RetryOnConflict,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Transactional => "transactional",
            Self::ReadOnly => "read_only",
            Self::Serializable => "serializable",
            Self::RetryOnConflict => "retry_on_conflict",
        }
    }

    /// A sibling is told by the last segment of its path, whatever it was imported through.
    pub(crate) fn of(path: &syn::Path) -> Option<Self> {
        let last = path.segments.last()?.ident.unraw();
        Self::ALL.into_iter().find(|kind| last == kind.name())
    }
}
