//! Saboteurs, each of which must be caught; the expander itself must not.

use proc_macro2::TokenStream;
use quote::quote;
use txkit_expander::Kind;

use super::{
    Family, Outcome, Wrong, family, on_a_deep_stack, run_case, run_case_with, saboteurs, show,
};

const CASES: u64 = 3_000;

/// What is wrong with a saboteur, by the first case that shows it.
fn caught(
    expand: &(dyn Fn(Kind, TokenStream, TokenStream) -> TokenStream + Sync),
) -> Option<String> {
    on_a_deep_stack(|| {
        let mut cases = (0..CASES).map(|index| run_case_with(1, index, expand));
        cases.find_map(Result::err).map(|wrong| wrong.what)
    })
}

#[test]
fn the_expander_itself_is_not_caught() {
    let all = || {
        (0..CASES)
            .filter_map(|index| run_case(1, index).err())
            .collect()
    };
    let wrong: Vec<Wrong> = on_a_deep_stack(all);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_panic_is_caught() {
    let what = caught(&saboteurs::panicking);
    assert_eq!(
        what.as_deref(),
        Some("a panic: a word that it does not know")
    );
}

#[test]
fn an_error_that_points_at_nothing_is_caught() {
    let what = caught(&saboteurs::unspanned).unwrap_or_default();
    assert!(
        what.starts_with("an error that points at nothing"),
        "{what}"
    );
}

#[test]
fn a_lost_item_is_caught() {
    let what = caught(&saboteurs::losing).unwrap_or_default();
    assert!(
        what.contains("lost") || what.contains("did not come back"),
        "{what}"
    );
}

#[test]
fn another_name_of_the_runtimes_is_caught() {
    let what = caught(&|kind, args, item| {
        let mut output = kind.expand(args, item);
        output.extend(quote!(
            use ::txkit::Tx;
        ));
        output
    });
    assert_eq!(what.as_deref(), Some("`::txkit::Tx` is named"));
}

#[test]
fn a_swallowed_error_is_caught() {
    let what = caught(&|kind, args, item| {
        let output = kind.expand(args, item.clone());
        match output.to_string().contains("compile_error") {
            true => item,
            false => output,
        }
    });
    assert!(what.is_some());
}

#[test]
fn a_case_is_the_same_again() {
    for index in 0..300 {
        assert_eq!(show(7, index), show(7, index));
    }
    assert_ne!(show(7, 2), show(8, 2));
}

#[test]
fn the_generator_is_not_too_wild() {
    for wanted in [Family::Mutant, Family::Options] {
        let of = |index: &u64| family(*index) == wanted;
        let cases: Vec<u64> = (0..CASES).filter(of).collect();
        let accepted = |index: &&u64| matches!(run_case(1, **index), Ok(Outcome::Accepted));
        let accepted = on_a_deep_stack(|| cases.iter().filter(accepted).count());
        assert!(accepted * 10 >= cases.len(), "{wanted:?}: {accepted}");
    }
}
