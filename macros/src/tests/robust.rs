//! Whatever is left out, doubled or swapped: an answer and no panic, and the function is still there.

use proc_macro2::{TokenStream, TokenTree};

use super::{expand, first_attribute};
use crate::model::Kind;
use crate::pipeline;

const FUNCTION: &str = r#"
    #[transactional(propagation = requires_new, isolation = serializable, read_only, deferrable,
        timeout = "5s", retry(attempts = 5, base = "10ms", also(E::A | E::B(_))), commit_on(E::C { .. }),
        on = self.pool, name = "x", crate = a::b)]
    #[retry_on_conflict]
    /// Words.
    pub(crate) async fn f<'a, T: Clone, const N: usize>(&'a self, mut tx: Tx<'_, C>, (a, b): (T, [u8; N]), c: impl Fn(u8) -> u8)
        -> Result<impl Iterator<Item = &'a str>, E> where T: Send { tx.x().await?; Ok(a) }
"#;

#[test]
fn tokens_may_be_missing_or_doubled() {
    let tokens: TokenStream = FUNCTION.parse().expect("the source has tokens");
    let (kind, args, item) = first_attribute(tokens).expect("the source has an attribute");
    for changed in changes(&args) {
        drop(pipeline::expand(kind, changed, item.clone()));
    }
    for changed in changes(&item) {
        drop(pipeline::expand(kind, args.clone(), changed.clone()));
        drop(pipeline::expand(kind, TokenStream::new(), changed));
    }
}

/// The stream with each token left out, and with each one doubled, at every depth.
fn changes(tokens: &TokenStream) -> Vec<TokenStream> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut changes = Vec::new();
    for at in 0..trees.len() {
        let with = |middle: &[TokenTree]| {
            let parts = trees[..at].iter().chain(middle).chain(&trees[at + 1..]);
            parts.cloned().collect::<TokenStream>()
        };
        changes.push(with(&[]));
        changes.push(with(&[trees[at].clone(), trees[at].clone()]));
        if let TokenTree::Group(group) = &trees[at] {
            for inside in changes_of(group) {
                changes.push(with(&[inside]));
            }
        }
    }
    changes
}

fn changes_of(group: &proc_macro2::Group) -> impl Iterator<Item = TokenTree> {
    let delimiter = group.delimiter();
    changes(&group.stream())
        .into_iter()
        .map(move |stream| proc_macro2::Group::new(delimiter, stream).into())
}

#[test]
fn other_items_come_back() {
    for item in [
        "struct S;",
        "impl S { fn f() {} }",
        "mod m {}",
        "use a::b;",
        "static X: u8 = 1;",
        "fn f();",
        "",
        "1 + 1",
    ] {
        let tokens: TokenStream = item.parse().expect("the source has tokens");
        let expanded = pipeline::expand(Kind::Transactional, TokenStream::new(), tokens.clone());
        assert!(expanded.to_string().contains("compile_error"), "{item}");
        assert!(
            expanded.to_string().ends_with(&tokens.to_string()),
            "{item}"
        );
    }
}

#[test]
fn a_merged_attribute_changes_nothing() {
    let item = "#[transactional(__merged)] fn f() {}";
    assert_eq!(expand(item).to_string(), "fn f () { }");
}
