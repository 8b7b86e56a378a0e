//! The words an option may be set to.

/// A closed set of words.
pub(crate) trait Word: Copy + 'static {
    /// What the set is called in an error.
    const WHAT: &'static str;
    const ALL: &'static [(&'static str, Self)];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagation {
    Required,
    RequiresNew,
    Nested,
    Mandatory,
    Supports,
    NotSupported,
    Never,
}

impl Propagation {
    /// The body may run outside a transaction, so its handle is a session.
    pub(crate) fn takes_session(self) -> bool {
        matches!(self, Self::Supports | Self::NotSupported | Self::Never)
    }

    pub(crate) fn word(self) -> &'static str {
        word_of(&self)
    }

    /// The variant's name in the runtime.
    pub(crate) fn variant(self) -> String {
        format!("{self:?}")
    }
}

impl Word for Propagation {
    const WHAT: &'static str = "propagation";
    const ALL: &'static [(&'static str, Self)] = &[
        ("required", Self::Required),
        ("requires_new", Self::RequiresNew),
        ("nested", Self::Nested),
        ("mandatory", Self::Mandatory),
        ("supports", Self::Supports),
        ("not_supported", Self::NotSupported),
        ("never", Self::Never),
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

impl Isolation {
    /// The variant's name in the runtime.
    pub(crate) fn variant(self) -> String {
        format!("{self:?}")
    }
}

impl Word for Isolation {
    const WHAT: &'static str = "isolation";
    const ALL: &'static [(&'static str, Self)] = &[
        ("read_uncommitted", Self::ReadUncommitted),
        ("read_committed", Self::ReadCommitted),
        ("repeatable_read", Self::RepeatableRead),
        ("serializable", Self::Serializable),
    ];
}

fn word_of<W: Word + PartialEq>(value: &W) -> &'static str {
    W::ALL
        .iter()
        .find(|(_, each)| each == value)
        .map_or("", |(word, _)| word)
}
