//! Collecting errors and wording them: what was met, what was allowed, what was probably meant.

use proc_macro2::Span;

/// All errors of a phase, reported together.
#[derive(Default)]
#[must_use]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Underlines all of the tokens.
    pub(crate) fn on(&mut self, tokens: impl quote::ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    pub(crate) fn into_result(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// A value that could be read in part, with what was wrong about the rest.
pub(crate) struct Partial<T> {
    pub(crate) value: T,
    pub(crate) errors: Errors,
}

impl<T> Partial<T> {
    pub(crate) fn into_result(self) -> syn::Result<T> {
        self.errors.into_result().map(|()| self.value)
    }
}

/// ``unknown option `isolatoin`, expected one of ..; did you mean `isolation`?``
pub(crate) fn unknown(what: &str, met: &str, allowed: &[&str]) -> String {
    let mut message = format!("unknown {what} `{met}`, expected {}", one_of(allowed));
    if let Some(near) = closest(met, allowed) {
        message.push_str(&format!("; did you mean `{near}`?"));
    }
    message
}

/// `` `a`, `b` or `c` ``, each quoted.
pub(crate) fn one_of(allowed: &[&str]) -> String {
    let quoted: Vec<_> = allowed.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [only] => only.clone(),
        many => format!("one of {}", many.join(", ")),
    }
}

/// The allowed word that was probably meant: the same but for case and underscores, or a few typing errors away.
pub(crate) fn closest<'a>(met: &str, allowed: &[&'a str]) -> Option<&'a str> {
    let met = normal(met);
    allowed
        .iter()
        .map(|word| (distance(&met, &normal(word)), *word))
        .filter(|(distance, word)| *distance <= word.len().min(met.len()).div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

fn normal(word: &str) -> Vec<char> {
    word.chars()
        .filter(|c| *c != '_' && *c != '-')
        .flat_map(char::to_lowercase)
        .take(64)
        .collect()
}

/// Edit distance in which swapping two neighbours is one edit.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(left != right))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *left == b[j - 1] && a[i - 1] == *right {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
