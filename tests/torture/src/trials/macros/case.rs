//! One use of an attribute, as text, made from a seed and a number; knows nothing of how it is judged.

use std::fmt;
use std::str::FromStr as _;

use fastrand::Rng;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use txkit_expander::Kind;

use super::{fragments, mutants, options};

/// Where a case comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    /// Fragments in any order.
    Arbitrary,
    /// A valid use with some of its tokens changed.
    Mutant,
    /// Options on a valid function.
    Options,
}

impl Family {
    pub(crate) fn of(index: u64) -> Self {
        match index % 3 {
            0 => Self::Arbitrary,
            1 => Self::Mutant,
            _ => Self::Options,
        }
    }
}

/// What is known of the answer before it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Either,
    Accepted,
    /// One mistake, so one error.
    OneError,
}

pub(super) struct Case {
    pub(super) kind: Kind,
    pub(super) args: String,
    pub(super) item: String,
    pub(super) expected: Expected,
    /// Seeds the invisible groups that `macro_rules` leaves around what it captures.
    pub(super) captured: Option<u64>,
}

impl Case {
    pub(super) fn new(seed: u64, index: u64) -> Self {
        let mut rng = Rng::with_seed(mixed(seed, index));
        loop {
            let case = match Family::of(index) {
                Family::Arbitrary => fragments::case(&mut rng),
                Family::Mutant => mutants::case(&mut rng),
                Family::Options => options::case(&mut rng),
            };
            // Half a group is no token, and no compiler would pass it on.
            if case.tokens().is_some() {
                return case;
            }
        }
    }

    /// Arguments and item, their spans pointing into the text. `None` if the text is no tokens.
    pub(super) fn tokens(&self) -> Option<(TokenStream, TokenStream)> {
        let args = TokenStream::from_str(&self.args).ok()?;
        let item = TokenStream::from_str(&self.item).ok()?;
        let Some(seed) = self.captured else {
            return Some((args, item));
        };
        let mut rng = Rng::with_seed(seed);
        Some((captured(args, &mut rng), captured(item, &mut rng)))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.kind.name();
        write!(to, "#[{name}({})]\n{}", self.args, self.item)?;
        if let Some(seed) = self.captured {
            write!(to, "\n// with invisible groups, seed {seed}")?;
        }
        match self.expected {
            Expected::Either => Ok(()),
            expected => write!(to, "\n// expected: {expected:?}"),
        }
    }
}

/// Neighbouring numbers must not give similar generators.
fn mixed(seed: u64, index: u64) -> u64 {
    let mut x = seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 32)
}

/// The stream with literals, and now and then another token, in invisible groups.
fn captured(tokens: TokenStream, rng: &mut Rng) -> TokenStream {
    let each = tokens.into_iter().map(|tree| {
        let tree = match tree {
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), captured(group.stream(), rng));
                inside.set_span(group.span());
                inside.into()
            }
            other => other,
        };
        let capture = match &tree {
            TokenTree::Literal(_) => rng.bool(),
            _ => rng.u8(..32) == 0,
        };
        if capture { invisible(tree) } else { tree }
    });
    each.collect()
}

fn invisible(tree: TokenTree) -> TokenTree {
    let span = tree.span();
    let mut group = Group::new(Delimiter::None, tree.into());
    group.set_span(span);
    group.into()
}

/// One of them.
pub(super) fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
