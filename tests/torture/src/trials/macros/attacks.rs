//! Attacks thought up by hand: what is nonsense to the attributes, and what is odd and theirs all the same, or for rustc to
//! judge. Each goes to the judge of the fuzzing too.

use std::str::FromStr as _;

use proc_macro2::{TokenStream, TokenTree};
use txkit_expander::Kind;

use super::case::{Case, Expected};
use super::{Outcome, judge, on_a_deep_stack};

#[test]
fn nonsense_is_refused() {
    for source in REFUSED {
        assert_eq!(answer(source), Outcome::Refused, "{source}");
    }
}

#[test]
fn what_is_only_odd_is_accepted() {
    for source in ACCEPTED {
        assert_eq!(answer(source), Outcome::Accepted, "{source}");
    }
}

#[test]
fn nothing_is_too_deep() {
    on_a_deep_stack(every_depth);
}

fn every_depth() {
    for (open, close) in [
        ("(", ")"),
        ("{", "}"),
        ("[", "]"),
        ("Vec<", ">"),
        ("A(", ")"),
        ("&", ""),
        ("!", ""),
        ("|x| ", ""),
        ("if a {", "}"),
    ] {
        let deep = format!("{} a {}", open.repeat(60), close.repeat(60));
        for source in [
            format!("#[transactional({deep})] FUNCTION"),
            format!("#[transactional(on = {deep})] FUNCTION"),
            format!("#[transactional(commit_on({deep}))] FUNCTION"),
            format!("#[transactional(timeout = {deep})] FUNCTION"),
            format!("#[transactional(isolation({deep}))] FUNCTION"),
            format!("#[transactional] async fn f(tx: {deep}) -> Result<(), E> {{}}"),
            format!("#[transactional] async fn f(tx: PgTx<'_>, {deep}: u8) -> Result<(), E> {{}}"),
            format!("#[transactional] async fn f(tx: PgTx<'_>) -> Result<{deep}, E> {{}}"),
            format!("#[transactional] async fn f(tx: PgTx<'_>) -> Result<(), E> {{ {deep} }}"),
            format!("#[transactional] {deep}"),
        ] {
            answer(&source);
        }
    }
}

/// The answer, which the judge has nothing against.
fn answer(source: &str) -> Outcome {
    let source = source.replace("FUNCTION", "async fn f(tx: PgTx<'_>) -> Result<(), E> {}");
    let case = case(&source).expect("an attribute and what it stands on");
    match judge::judge(&case, &Kind::expand) {
        Ok(outcome) => outcome,
        Err(wrong) => panic!("{}\n{}", wrong.what, wrong.case),
    }
}

/// The attribute taken off, as text, so that spans point into it.
fn case(source: &str) -> Option<Case> {
    let tokens = TokenStream::from_str(source).ok()?;
    let Some(TokenTree::Group(attribute)) = tokens.into_iter().nth(1) else {
        return None;
    };
    let mut inside = attribute.stream().into_iter();
    let name = inside.next()?.to_string();
    let args = inside.next().map(|it| it.span().source_text());
    let args = args.map_or(Some(String::new()), |it| Some(it?[1..].to_owned()))?;
    let item = source.get(attribute.span().byte_range().end..)?;
    Some(Case {
        kind: Kind::ALL.into_iter().find(|it| it.name() == name)?,
        args: args.strip_suffix(')').unwrap_or(&args).to_owned(),
        item: item.to_owned(),
        expected: Expected::Either,
        captured: None,
    })
}

#[rustfmt::skip]
const REFUSED: &[&str] = &[
    "#[transactional] async fn f(#[cfg(x)] tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn f(#[cfg(x)] tx: PgTx<'_>, #[cfg(y)] tx: MySqlTx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: &mut PgTx<'_>, #[cfg(x)] n: u8) -> Result<(), E> {}",
    "#[retry_on_conflict] async fn f(tx: PgTx<'_>, n: &'static mut u8) -> Result<(), E> {}",
    "#[transactional(__merged, retry)] FUNCTION",
    "#[transactional(commit_on(#[cfg(x)] E::A))] FUNCTION",
    "#[transactional(commit_on(x: E))] FUNCTION",
    "#[transactional(commit_on(mut e))] FUNCTION",
    "#[transactional(commit_on(e))] FUNCTION",
    "#[transactional(crate = Self)] FUNCTION",
    "#[transactional(crate = for)] FUNCTION",
    r##"#[transactional(timeout = {"5s"})] FUNCTION"##,
    r##"#[transactional(timeout = ("5s"))] FUNCTION"##,
    r##"#[transactional(timeout = concat!("5", "s"))] FUNCTION"##,
    "#[transactional(isolation = Self)] FUNCTION",
    "#[transactional(isolation = (serializable))] FUNCTION",
    "#[transactional(propagation = required::<x>)] FUNCTION",
    "#[transactional(,,)] FUNCTION",
    "#[transactional(,)] FUNCTION",
    "#[transactional(retry(,))] FUNCTION",
    "#[transactional(read_only,, durable)] async fn f(tx: PgReadTx<'_>) -> Result<(), E> {}",
    r##"#[transactional(retry(base = "5m", cap = "1us"))] FUNCTION"##,
    "#[transactional] async fn f(tx: m!(PgTx)) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: &mut m!(PgTx)) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: &mut &mut PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: &mut dyn Tx) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: &mut u8) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: &mut String) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: &mut str) -> Result<(), E> {}",
    "#[transactional] async fn f(name: Option<&'_ str>) -> Result<(), E> {}",
    "#[transactional] fn f(self) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: PgTx<'_>, self) -> Result<(), E> {}",
    "#[transactional] safe fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] fn f(tx: PgTx<'_>) -> Result<(), E> { #![transactional] #![read_only] }",
    "#[transactional] fn f(tx: PgTx<'_>) -> Result<(), E> { const __DEFINITION: u8 = 1; }",
    "#[transactional] #[transactional] fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] #[r#read_only] fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] #[sqlx::transactional(nonsense)] fn f(tx: PgReadTx<'_>) -> Result<(), E> {}",
    "#[transactional] fn f() -> u8 { match union { _ => Self::A } }",
    "#[transactional(crate = ::Self::x)] FUNCTION",
    "#[transactional] async fn f(tx: &mut String, n: u8) -> Result<(), E> {}",
    "#[transactional(on = pool; retry)] FUNCTION",
    "#[transactional(on: pool)] FUNCTION",
    "#[transactional(on = pool)] async fn f(n: u8) -> Result<(), E> {}",
    "#[transactional(on = pool)] async fn f() -> Result<(), E> {}",
    "#[transactional(on = pool, on = pool2)] FUNCTION",
    "#[transactional(retry, retry)] FUNCTION",
    r##"#[transactional(retry(attempts = 2), retry(base = "1s"))] FUNCTION"##,
    "#[read_only] #[transactional(read_only)] async fn f(tx: PgReadTx<'_>) -> Result<(), E> {}",
    "#[read_only] #[serializable] #[serializable] async fn f(tx: PgReadTx<'_>) -> Result<(), E> {}",
    "#[serializable(isolation = serializable)] FUNCTION",
    "#[retry_on_conflict] #[transactional(propagation = mandatory)] async fn f(tx: &mut PgTx<'_>) -> Result<(), E> {}",
    "#[retry_on_conflict] #[transactional(propagation = supports)] async fn f(tx: &mut PgSession<'_>) -> Result<(), E> {}",
    "#[retry_on_conflict] async fn f(tx: &mut PgTx<'_>) -> Result<(), E> {}",
    "#[read_only] FUNCTION",
    "#[serializable] #[transactional(propagation = never)] async fn f(tx: PgSession<'_>) -> Result<(), E> {}",
    "#[transactional(durable, propagation = mandatory)] async fn f(tx: &mut PgTx<'_>) -> Result<(), E> {}",
    "#[transactional(durable, on = p, propagation = nested, retry)] FUNCTION",
    "#[transactional] async fn f(PgTx { conn, .. }: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn f(ref tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx @ _: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn f(&mut tx: &mut PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn f(self: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn f(&mut self) -> Result<(), E> {}",
    "#[transactional] async gen fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] gen fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] default async fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] pub fn f(tx: PgTx<'_>) -> Result<(), E> = 5;",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Result<(), E> { } fn g() {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Result<impl Sized + use<'_>, E> { }",
    "#[transactional] async fn f(tx: PgTx<'_>) -> impl Sized { }",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Box<Result<(), E>> { }",
    "#[transactional] async fn f(tx: PgTx<'_>) -> &'static Result<(), E> { }",
    "#[transactional] impl S { #[transactional] async fn f(tx: PgTx<'_>) -> Result<(), E> { } }",
    "#[transactional] async move |tx: PgTx<'_>| -> Result<(), E> { }",
    "#[transactional] use a as b;",
    "#[transactional] mod m { #![allow(x)] }",
    "#[transactional(retry(attempts = 5 + 5))] FUNCTION",
    r##"#[transactional(timeout = "5S")] FUNCTION"##,
    r##"#[transactional(timeout = "+5s")] FUNCTION"##,
    r##"#[transactional(timeout = " 5s")] FUNCTION"##,
    r##"#[transactional(timeout = "5m30s")] FUNCTION"##,
];

#[rustfmt::skip]
const ACCEPTED: &[&str] = &[
    "#[retry_on_conflict] async fn f(tx: PgTx<'_>, n: Option<&mut u8>) -> Result<(), E> {}",
    "#[retry_on_conflict] async fn f(tx: PgTx<'_>, n: (&mut u8,)) -> Result<(), E> {}",
    "#[retry_on_conflict] async fn f(tx: PgTx<'_>, mut n: &str, x @ Some(_): Option<u8>) -> Result<(), E> {}",
    "#[transactional(commit_on(Declined))] FUNCTION",
    "#[transactional(commit_on(..))] FUNCTION",
    "#[transactional(commit_on(const { E::A }))] FUNCTION",
    "#[transactional(on = return Ok(()))] FUNCTION",
    "#[transactional(on = let x = y)] FUNCTION",
    "#[transactional(on = _)] FUNCTION",
    "#[transactional(on = #[cfg(x)] pool)] FUNCTION",
    "#[transactional(on = tx)] FUNCTION",
    "#[transactional(on = pool)] FUNCTION",
    "#[transactional(on = a + b)] FUNCTION",
    "#[transactional(on = |x| x + 1)] FUNCTION",
    "#[transactional(on = match x { _ => y } . z)] FUNCTION",
    r##"#[transactional(name = "a\0")] FUNCTION"##,
    r##"#[transactional(name = "   ")] FUNCTION"##,
    "#[transactional(crate = super::super)] FUNCTION",
    "#[transactional(crate = self::x)] FUNCTION",
    r##"#[retry_on_conflict(cap = "1ms")] FUNCTION"##,
    r##"#[retry_on_conflict(base = "35791m")] FUNCTION"##,
    r##"#[transactional(statement_timeout = "1us")] FUNCTION"##,
    r##"#[transactional(timeout = "1ms", statement_timeout = "5s")] FUNCTION"##,
    "#[transactional] async fn f(tx: PgTx<'static>) -> Result<(), E> {}",
    "#[transactional] async fn f<'tx>(tx: PgTx<'tx>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: PgTx<'_, '_>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: <T as A>::Tx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: Tx<'_, impl Connection>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: Tx<'_, _>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: Tx<'_, dyn C>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: Tx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: PgTx<'_>, tx2: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: PgTx<'_>, tx: u8) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: &mut (PgTx<'_>)) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: &mut Self) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: &mut T) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: &mut Vec<u8>) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: Cow<'_, str>) -> Result<(), E> {}",
    "#[transactional] async fn f(&self, name: &mut Orders) -> Result<(), E> {}",
    "#[transactional] fn f(tx: PgTx<'_>) -> Result<Pin<Box<dyn Future<Output = u8>>>, E> {}",
    "#[transactional] fn f(tx: PgTx<'_>) -> Result<impl Future<Output = u8>, E> {}",
    "#[transactional] fn f(tx: PgTx<'_>) -> Poll<Result<(), E>> {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Poll<Result<(), E>> {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Arc<Result<(), E>> {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Result {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Result<Option<Result<(), A>>, E> {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Result<(Result<(), A>,), E> {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Result<Vec<Result<(), A>>, E> {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> HashMap<A, B> {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Infallible {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Result<(), Infallible> {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Result<!, E> {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Result<(), String> {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Self {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Result<PgTx<'_>, E> {}",
    "#[transactional] async fn f<'a>(tx: PgTx<'a>) -> Result<&'a str, E> {}",
    "#[transactional] async fn f(tx: PgTx<'_>, n: impl Fn(impl Fn())) -> Result<(), E> {}",
    "#[transactional] async fn f<T = u8>(tx: PgTx<'_>) -> Result<T, E> {}",
    "#[transactional] async fn f<const N: usize = 5>(tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] async fn main(tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] #[test] async fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] #[no_mangle] fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] #[unsafe(no_mangle)] pub fn f(tx: &mut PgTx<'_>) -> Result<(), E> {}",
    "#[transactional] #[track_caller] fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    r##"#[transactional] #[target_feature(enable = "avx")] fn f(tx: PgTx<'_>) -> Result<(), E> {}"##,
    "#[transactional] #[instrument(name)] fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    r##"#[transactional] #[instrument = "x"] fn f(tx: PgTx<'_>) -> Result<(), E> {}"##,
    "#[transactional] #[instrument()] fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    r##"#[transactional] #[instrument("x", skip_all)] fn f(tx: PgTx<'_>) -> Result<(), E> {}"##,
    "#[transactional] #[instrument(fields(x, name = 5))] fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    r##"#[transactional] #[instrument(skip_all, name="x")] fn f(tx: PgTx<'_>) -> Result<(), E> {}"##,
    r##"#[transactional] #[instrument(target = "a, name = b")] fn f(tx: PgTx<'_>) -> Result<(), E> {}"##,
    r##"#[transactional] #[expect = "x"] fn f(tx: PgTx<'_>) -> Result<(), E> {}"##,
    "#[transactional] #[other::read_only] fn f(tx: PgReadTx<'_>) -> Result<(), E> {}",
    "#[transactional] fn f(tx: PgTx<'_>) -> Result<(), E> { if union == 5 { Self::A } }",
    "#[transactional] fn f(tx: PgTx<'_>) -> Result<(), E> { union Self2 { a: Self } }",
    "#[transactional] fn f(tx: PgTx<'_>) -> Result<(), E> { x!(Self) }",
    "#[transactional] fn f(tx: PgTx<'_>) -> Result<(), E> { f::<impl A>(x); { Self::g() } }",
    "#[transactional] fn f(tx: PgTx<'_>) -> Result<(), E> { let _: [impl A; 1] = g(); if a { Self::g() } }",
    "#[transactional] #[instrument(fields(x, name = 5))] async fn f(tx: PgTx<'_>) -> Result<(), E> {}",
    r##"#[transactional] #[instrument(skip_all, name="x")] async fn f(tx: PgTx<'_>) -> Result<(), E> {}"##,
    "#[transactional(on = a..b)] FUNCTION",
    "#[transactional(on = a = b)] FUNCTION",
    "#[transactional(on = a as B)] FUNCTION",
    "#[transactional(on = &a + b)] FUNCTION",
    "#[transactional(on = loop {})] FUNCTION",
    "#[transactional(on = 'l: { break 'l x })] FUNCTION",
    "#[transactional(on = unsafe { POOL })] FUNCTION",
    "#[transactional(on = self.pool.clone()?)] FUNCTION",
    "#[transactional(on = tx.pool)] FUNCTION",
    r##"#[transactional(on = "x")] FUNCTION"##,
    "#[transactional(on = Struct { a: 1 })] FUNCTION",
    "#[transactional(on = yield x)] FUNCTION",
    "#[transactional(propagation = never)] async fn f(tx: &mut PgSession<'_>) -> Result<(), E> {}",
    "#[transactional(propagation = never)] async fn f(tx: &mut PgConnection) -> Result<(), E> {}",
    "#[transactional(propagation = requires_new)] async fn f(tx: &mut PgTx<'_>) -> Result<(), E> {}",
    "#[transactional(propagation = mandatory)] async fn f(tx: &mut C) -> Result<(), E> {}",
    r##"#[transactional(lock_timeout = "5s", propagation = mandatory)] async fn f(tx: &mut PgTx<'_>) -> Result<(), E> {}"##,
    r##"#[transactional] async fn f(tx: PgTx<'_>,) -> Result<(), E> { "a {" ; '{' ; r#"}"# }"##,
    "#[transactional] async fn r#f(r#tx: PgTx<'_>, r#type: u8) -> Result<(), E> {}",
    "#[transactional] async fn f(tx: PgTx<'_>) -> Result<(), E> where { }",
    "#[transactional] async fn f<>(tx: PgTx<'_>) -> Result<(), E> { }",
    "#[transactional] async fn f<'tx, 'tx1, 'tx2>(tx: PgTx<'_>) -> Result<(), E> { }",
    "#[transactional] async fn f(tx: PgTx<'_>, x: &'tx u8) -> Result<(), E> { }",
    "#[transactional(retry(attempts = 0x5))] FUNCTION",
    "#[transactional(retry(attempts = 5_000))] FUNCTION",
    r##"#[transactional(timeout = "00005s")] FUNCTION"##,
    r##"#[transactional(timeout = "5\u{6d}s")] FUNCTION"##,
];
