//! What fuzzing found: uses that nobody would think of, each of which was answered wrongly once.

use proc_macro2::TokenStream;

use super::errors::{option, says, signature};
use super::{expand, messages};
use crate::model::Kind;
use crate::pipeline;

#[test]
fn raw_names_of_handles() {
    says(
        "#[read_only] async fn f(tx: r#PgTx<'_>) -> Result<(), E> { body }",
        &["a transaction that only reads has a handle that only reads: declare `PgReadTx<'_>`"],
    );
    says(
        "#[transactional] fn f(tx: &mut r#PgSession<'_>) -> Result<(), E> { body }",
        &[
            "a session may be outside a transaction, and `required` runs in one: declare `PgTx<'_>`, or `propagation = supports`",
        ],
    );
}

#[test]
fn raw_names_of_siblings() {
    let expanded = expand(
        "#[transactional] #[r#read_only] async fn f(tx: PgReadTx<'_>) -> Result<(), E> { body }",
    );
    assert_eq!(messages(&expanded), [""; 0]);
    let text = expanded.to_string();
    assert!(text.contains("r#read_only (__merged)"), "{text}");
    assert!(text.contains(". read_only ()"), "{text}");
}

const BOXED: &str = "fn f<'a>(&'a self, tx: &'a mut PgTx<'_>) \
     -> Pin<Box<dyn Future<Output = Result<(), E>> + Send + 'a>> { Box::pin(async move { let tx = tx; body }) }";

#[test]
fn an_expanded_future_is_not_expanded_again() {
    let once = expand(&format!("#[transactional] {BOXED}"));
    assert_eq!(messages(&once), [""; 0]);
    let twice = expand(&format!("#[transactional] {once}"));
    assert_eq!(
        messages(&twice),
        [
            "this function was expanded before: one of the attributes has been renamed \
             by `use .. as ..`, and only their own names are merged"
        ]
    );
}

#[test]
fn literals_with_something_about_them() {
    let duration = "expected a duration such as `\"5s\"`";
    option("timeout = \"5s\"s", &[duration]);
    option("timeout = #[cfg(x)] \"5s\"", &[duration]);
    let attempts = "expected a number of attempts such as `5`";
    option("retry(attempts = 5foo)", &[attempts]);
    option("retry(attempts = 5i8)", &[attempts]);
    option("retry(attempts = #[cfg(x)] 5)", &[attempts]);
    option("retry(attempts = 5u32)", &[]);
    option("name = \"x\"y", &["write `name = \"..\"`"]);
}

#[test]
fn a_type_for_a_crate() {
    let message = "`Self` is a type: write `crate = path::to::txkit`";
    option("crate = Self", &[message]);
    option("crate = ::Self::kit", &[message]);
}

#[test]
fn plain_values_by_reference() {
    for plain in ["u8", "String", "str"] {
        signature(
            &format!("async fn f(n: &mut {plain}) -> Result<(), E>"),
            &[&format!(
                "the first parameter is the transaction, for example `tx: PgTx<'_>` (with `on = ..` too, \
                 where callers leave it out), and `&mut {plain}` is not one"
            )],
        );
    }
}

#[test]
fn conditional_handles() {
    for handle in ["PgTx<'_>", "&mut PgTx<'_>"] {
        signature(
            &format!("async fn f(#[cfg(x)] tx: {handle}) -> Result<(), E>"),
            &["a parameter of a transaction cannot be conditional: put `#[cfg]` on two functions"],
        );
    }
}

#[test]
fn durable_is_refused_once() {
    for (word, because) in [
        ("mandatory", "joins, and `durable` must be the outermost"),
        (
            "requires_new",
            "may run inside another transaction, and `durable` must be the outermost",
        ),
    ] {
        says(
            &format!(
                "#[transactional(durable, propagation = {word})] fn f(tx: &mut PgTx<'_>) -> Result<(), E> {{ body }}"
            ),
            &[&format!(
                "`durable` does not fit `{word}`, which {because}: drop one of them"
            )],
        );
    }
}

#[test]
fn sources_that_bind_less_than_a_reference() {
    for source in ["a + b", "a as B", "a .. b", "a = b"] {
        let text = expand(&format!(
            "#[transactional(on = {source})] fn f(tx: PgTx<'_>) -> Result<(), E> {{ body }}"
        ))
        .to_string();
        assert!(text.contains(&format!("(& ({source}))")), "{text}");
    }
}

#[test]
fn a_variable_called_union() {
    let hidden = |body: &str| {
        let source = format!("#[transactional] fn f(tx: PgTx<'_>) -> Result<(), E> {{ {body} }}");
        expand(&source).to_string().contains("Self :: __f_by_value")
    };
    assert!(hidden("if union == 5 { Self::A }"));
    assert!(hidden("if union as u8 == 5 { Self::A }"));
    assert!(hidden("for union in list { Self::book(union) }"));
    assert!(hidden("let Some(x) = union else { return Self::no() };"));
    assert!(!hidden(
        "union Both { a: u8 } impl Both { fn g() -> Self {} }"
    ));
}

#[test]
fn a_span_keeps_its_name_beside_a_field_called_name() {
    let named = |arguments: &str| {
        let source = format!(
            "#[transactional] #[instrument({arguments})] fn f(tx: PgTx<'_>) -> Result<(), E> {{ body }}"
        );
        expand(&source).to_string().contains("name = \"f\"")
    };
    assert!(named("fields(id, name = 5)"));
    assert!(named("target = \"a, name = b\""));
    assert!(!named("skip_all, name=\"x\""));
    assert!(!named("name = \"x\""));
    assert!(!named("\"x\", skip_all"));
    assert!(!named("skip_all, \"x\""));
}

#[test]
fn what_is_missing_at_the_end_is_reported_at_the_last_token() {
    for options in [
        "crate = a ::",
        "on = a +",
        "timeout =",
        "retry(attempts =)",
        "on = if x",
    ] {
        let args: TokenStream = options.parse().expect("options are tokens");
        let item = "fn f(tx: PgTx<'_>) -> Result<(), E> { body }".parse();
        let item = item.expect("a function is tokens");
        let expanded = pipeline::expand(Kind::Transactional, args, item);
        assert_eq!(messages(&expanded).len(), 1, "{options}");
        let mut words = expanded.into_iter();
        let error = words.find(|it| it.to_string() == "compile_error");
        let place = error.expect("an error").span().source_text();
        assert!(place.is_some_and(|it| options.contains(&it)), "{options}");
    }
}

#[test]
fn two_items_are_no_function() {
    let expanded = expand("#[transactional] fn f(tx: PgTx<'_>) -> Result<(), E> {} fn g() {}");
    assert_eq!(messages(&expanded), ["unexpected token"]);
}

#[test]
fn variables_for_patterns() {
    for variable in ["e", "_e", "ref E", "A | e", "(e)"] {
        let name = if variable == "ref E" {
            "E"
        } else {
            variable.trim_matches(|it| "A |()".contains(it))
        };
        option(
            &format!("commit_on({variable})"),
            &[&format!(
                "`{name}` is a variable and matches every error: name a variant, or write `commit_on(_)` if every error is meant"
            )],
        );
    }
    option("commit_on(_)", &[]);
    option("commit_on(e @ E::Declined(_))", &[]);
}

#[test]
fn a_name_that_may_be_a_variable_must_bind_nothing() {
    let text = expand(
        "#[transactional(commit_on(x @ Declined | E::Other(n, Gone) | E::C { n, m: k }), no_mark(E::Late(n)))] \
         fn f(tx: PgTx<'_>) -> Result<(), E> { body }",
    )
    .to_string();
    let asked = "Declined | E :: Other (_ , Gone) | E :: C { n : _ , m : _ } | _ => { }";
    assert!(text.contains(asked), "{text}");
    assert_eq!(text.matches("| _ => { }").count(), 1, "{text}");
}
