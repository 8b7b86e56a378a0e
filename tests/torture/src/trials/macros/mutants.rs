//! Valid uses with tokens left out, doubled, swapped, replaced, or put among other delimiters; knows nothing of what they mean.

use std::str::FromStr as _;

use fastrand::Rng;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::case::{Case, Expected, pick};
use super::{fragments, options, pool};

const DELIMITERS: &[Delimiter] = &[
    Delimiter::Parenthesis,
    Delimiter::Brace,
    Delimiter::Bracket,
    Delimiter::None,
];

pub(super) fn case(rng: &mut Rng) -> Case {
    let mut case = options::valid(rng);
    case.expected = Expected::Either;
    for _ in 0..pick(rng, &[1, 1, 1, 1, 2, 2, 3, 5]) {
        let in_args = !case.args.is_empty() && rng.bool();
        let text = if in_args {
            &mut case.args
        } else {
            &mut case.item
        };
        if let Some(changed) = changed(text, rng) {
            *text = changed;
        }
    }
    if rng.u8(..4) == 0 {
        case.captured = Some(rng.u64(..));
    }
    case
}

/// The text with one change; `None` if that leaves no tokens.
fn changed(text: &str, rng: &mut Rng) -> Option<String> {
    let stream = TokenStream::from_str(text).ok()?;
    let text = mutated(stream, rng).to_string();
    TokenStream::from_str(&text).ok()?;
    Some(text)
}

fn mutated(stream: TokenStream, rng: &mut Rng) -> TokenStream {
    let mut trees: Vec<TokenTree> = stream.into_iter().collect();
    if trees.is_empty() {
        return foreign(rng);
    }
    let at = rng.usize(..trees.len());
    if let TokenTree::Group(group) = &trees[at]
        && rng.u8(..8) > 0
    {
        let inside = mutated(group.stream(), rng);
        trees[at] = Group::new(group.delimiter(), inside).into();
        return trees.into_iter().collect();
    }
    let other = rng.usize(..trees.len());
    match rng.u8(..12) {
        0 | 1 => drop(trees.remove(at)),
        2 => trees.insert(at, trees[other].clone()),
        3 => {
            let next = (at + 1) % trees.len();
            trees.swap(at, next);
        }
        4 => trees.swap(at, other),
        5 | 6 => drop(trees.splice(at..=at, foreign(rng))),
        7 => drop(trees.splice(at..at, foreign(rng))),
        8 => redelimit(&mut trees, at, rng),
        9 => drop(trees.drain(at.min(other)..at.max(other))),
        10 => trees[at] = deep(trees[at].clone(), rng),
        _ => unwrap(&mut trees, at),
    }
    trees.into_iter().collect()
}

fn foreign(rng: &mut Rng) -> TokenStream {
    let text = fragments::fragment(rng, 2, pool::LITERALS);
    TokenStream::from_str(&text).unwrap_or_default()
}

/// The group with other delimiters, or a run of tokens in a group.
fn redelimit(trees: &mut Vec<TokenTree>, at: usize, rng: &mut Rng) {
    let delimiter = pick(rng, DELIMITERS);
    let inside: TokenStream = match &trees[at] {
        TokenTree::Group(group) => group.stream(),
        _ => {
            let end = rng.usize(at + 1..=trees.len());
            trees
                .drain(at + 1..end)
                .collect::<Vec<_>>()
                .into_iter()
                .collect()
        }
    };
    trees[at] = Group::new(delimiter, inside).into();
}

fn unwrap(trees: &mut Vec<TokenTree>, at: usize) {
    if let TokenTree::Group(group) = trees[at].clone() {
        trees.splice(at..=at, group.stream());
    }
}

fn deep(mut tree: TokenTree, rng: &mut Rng) -> TokenTree {
    let delimiter = pick(rng, DELIMITERS);
    for _ in 0..rng.u8(..60) {
        tree = Group::new(delimiter, tree.into()).into();
    }
    tree
}
