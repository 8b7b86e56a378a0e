//! Valid functions of every shape that the attributes take, as text; knows nothing of options but what they ask of a function.

use fastrand::Rng;

use super::case::pick;

/// How the handle comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Value,
    Reference,
    /// From an expression of the attribute's: the parameter is not the caller's.
    On,
}

/// What the handle can do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Tx,
    ReadTx,
    Session,
    Connection,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Async,
    Blocking,
    /// As `#[async_trait]` leaves it.
    Boxed,
}

/// What the options ask of a function.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) takes: Takes,
    pub(super) holds: Holds,
    pub(super) style: Style,
    /// Nothing that a second attempt could not be given again.
    pub(super) retried: bool,
}

/// What is wrong with a function, if something is to be.
#[derive(Clone, Copy, Default)]
pub(super) struct Flaw {
    /// Stands before `fn`.
    pub(super) qualifier: &'static str,
    /// The return type, in place of a good one.
    pub(super) ret: Option<&'static str>,
}

const ATTRIBUTES: &[&str] = &[
    "/// Words.\n",
    "#[allow(unused)]",
    "#[must_use]",
    "#[inline(never)]",
    "#[cfg(all())]",
    "#[instrument(skip_all)]",
    "#[tracing::instrument]",
    "#[expect(dead_code)]",
    "#[doc(hidden)]",
    "#[deprecated = \"x\"]",
    "#[warn(clippy::all)]",
    "#[cfg_attr(test, inline)]",
    "#[instrument(level = \"debug\", fields(n = 1))]",
    "#[instrument(name = \"x\")]",
];

const BODIES: &[&str] = &[
    "Ok(Default::default())",
    "Ok(())",
    "place(&mut tx, 1)?; tx.after_commit(|| println!(\"{}\", 1)); Ok(())",
    "let Some(x) = Some(1) else { return Err(E::Gone) }; Ok(x)",
    "'outer: loop { for _ in 0..3 { break 'outer; } } Ok(())",
    "fn inner(n: u8) -> u8 { n } struct S; impl S { fn f() -> Self { Self } } drop(S::f()); Ok(inner(1))",
    "let add = |n: u8| -> Result<u8, E> { Ok(n + 1) }; add(1)",
    "let f = async move |x| { x.await?; Ok::<_, E>(1) }; let _ = f; Ok(())",
    "macro_rules! m { ($a:expr) => { $a }; } Ok(m!(1))",
    "sqlx::query!(\"SELECT $1\", n).execute(&mut tx); vec![1, 2]; Ok(())",
    "match n { 0..=5 if true => Ok(1), x @ 6 => Ok(x), _ => unreachable!(\"{n:?}\") }",
    "#![allow(unused)] const A: u8 = 1; static B: &str = r#\"}\"#; Ok(())",
    "unsafe { core::hint::unreachable_unchecked() }",
    "let r#type = b'\\''; let _c = '}'; let _l = c\"x\"; Ok(())",
    "if union < 5 && (a as usize) < b { Ok(()) } else { Err(Self::E) }",
    "Self::TABLE.len(); let Self { pool, .. } = self; Ok(())",
    "/* a comment { */ Ok::<(), E>(()) // }\n",
    "",
];

const ARGUMENTS: &[&str] = &[
    "n: u8",
    "mut n: usize",
    "_: &str",
    "_unused: i64",
    "r#type: &'static str",
    "(a, mut b): (u8, [T; 2])",
    "Order { id, mut names, .. }: Order",
    "[x, y]: [u8; 2]",
    "&z: &u8",
    "each: impl Fn(u8) -> Result<u8, E> + Send + Clone",
    "names: impl IntoIterator<Item = String> + Clone",
    "#[allow(unused)] m: Vec<Option<Box<dyn Fn(&u8)>>>",
    "ref w: u8",
    "f: fn(i64) -> i64",
    "v @ 1..=9: u8",
    "pool: &PgPool",
    "__argument0: u8",
    "table: m!(u8)",
    "(p): ((u8))",
];

const RETURNS: &[&str] = &[
    "Result<(), E>",
    "Result<u8, sqlx::Error>",
    "sqlx::Result<Option<u8>>",
    "anyhow::Result<()>",
    "std::result::Result<Vec<u8>, Box<dyn Error + Send>>",
    "Result<impl Iterator<Item = u8>, E>",
    "(Result<(), E>)",
    "Result<[u8; 3], m!(E)>",
    "Answer",
    "Result<T, <S as A>::E>",
    "Result<for<'x> fn(&'x u8), E>",
];

/// A function of that shape.
pub(super) fn function(rng: &mut Rng, shape: Shape, flaw: Flaw) -> String {
    let attributes = several(rng, ATTRIBUTES, 3).join(" ");
    let function = match shape.style {
        Style::Boxed => boxed(rng, shape),
        _ => plain(rng, shape, flaw),
    };
    format!("{attributes} {function}")
}

fn plain(rng: &mut Rng, shape: Shape, flaw: Flaw) -> String {
    let asyncness = if shape.style == Style::Async {
        "async"
    } else {
        ""
    };
    let (constness, other) = match flaw.qualifier {
        "const" => ("const", ""),
        other => ("", other),
    };
    let vis = pick(rng, &["", "pub", "pub(crate)", "pub(in crate::a)"]);
    let name = pick(rng, &["f", "place", "r#move", "_f", "__f"]);
    let ty = handle(rng, shape);
    let connection = match shape.style {
        Style::Async => "AsyncConnection",
        _ => "BlockingConnection",
    };
    let generics = match ty.contains('C') && ty.contains(", C") || ty.ends_with(" C") {
        true => format!("<'a, T: Clone, C: txkit::{connection} + Send, const N: usize>"),
        false => pick(
            rng,
            &[
                "",
                "<T>",
                "<'a, T: ?Sized + 'a>",
                "<'tx, const N: usize, T>",
            ],
        )
        .to_owned(),
    };
    let mut parameters: Vec<String> = receiver(rng, shape)
        .map(str::to_owned)
        .into_iter()
        .collect();
    let binding = pick(
        rng,
        &["tx", "mut tx", "_", "_tx", "r#in", "#[allow(unused)] tx"],
    );
    parameters.push(format!("{binding}: {ty}"));
    parameters.extend(several(rng, ARGUMENTS, 4).into_iter().map(str::to_owned));
    if !shape.retried && rng.u8(..4) == 0 {
        parameters.push("found: &mut Vec<u8>".into());
    }
    let parameters = parameters.join(", ");
    let trailing = pick(rng, &["", ","]);
    let ret = flaw.ret.unwrap_or_else(|| pick(rng, RETURNS));
    let clause = pick(
        rng,
        &[
            "",
            "",
            "where T: Send, for<'x> F: Fn(&'x u8)",
            "where Self: Sized,",
        ],
    );
    let body = pick(rng, BODIES);
    format!(
        "{vis} {constness} {asyncness} {other} fn {name}{generics}({parameters}{trailing}) -> {ret} {clause} {{ {body} }}"
    )
}

fn receiver(rng: &mut Rng, shape: Shape) -> Option<&'static str> {
    const ONCE: &[&str] = &[
        "mut self",
        "self",
        "&mut self",
        "self: Arc<Self>",
        "self: Box<Self>",
        "self: &mut Self",
    ];
    const AGAIN: &[&str] = &["&self", "&'a self", "self: &Arc<Self>", "self: &Self"];
    match rng.u8(..6) {
        0 | 1 => Some(pick(rng, AGAIN)),
        2 if !shape.retried => Some(pick(rng, ONCE)),
        _ => None,
    }
}

fn handle(rng: &mut Rng, shape: Shape) -> String {
    let ty = match shape.holds {
        Holds::Tx => pick(
            rng,
            &[
                "PgTx<'_>",
                "Tx<'_, C>",
                "txkit::sqlx::MySqlTx<'_>",
                "Tx<'_, AsyncPgConnection>",
                "r#PgTx<'_>",
                "(PgTx<'_>)",
                "PgTx::<'_>",
            ],
        ),
        Holds::ReadTx => pick(
            rng,
            &[
                "PgReadTx<'_>",
                "ReadTx<'_, C>",
                "txkit::ReadTx<'_, SqliteConnection>",
                "r#PgReadTx<'_>",
            ],
        ),
        Holds::Session => pick(rng, &["PgSession<'_>", "Session<'_, C>", "r#PgSession<'_>"]),
        Holds::Connection => pick(
            rng,
            &[
                "PgConnection",
                "Conn",
                "diesel::SqliteConnection",
                "C",
                "Alias",
            ],
        ),
    };
    match shape.takes {
        Takes::Reference => format!("&mut {ty}"),
        Takes::On if rng.u8(..4) == 0 => format!("&mut {ty}"),
        _ => ty.to_owned(),
    }
}

fn boxed(rng: &mut Rng, shape: Shape) -> String {
    let ty = handle(
        rng,
        Shape {
            holds: shape.holds,
            ..shape
        },
    );
    // A generic connection would need its bound.
    let ty = ty
        .replace(", C>", ", PgConnection>")
        .replace("&mut C", "&mut Conn");
    let ty = ty
        .replace("'_", "'life1")
        .replacen("&mut", "&'life2 mut", 1);
    let before = pick(rng, &["", "let count = 1;", "fn g() {}"]);
    let body = pick(rng, BODIES).replace("#![allow(unused)]", "");
    format!(
        "fn save<'life0, 'life1, 'life2, 'async_trait, T>(&'life0 self, tx: {ty}, n: &'life2 T) \
         -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = Result<u8, E>> + ::core::marker::Send + 'async_trait>> \
         where 'life0: 'async_trait, 'life1: 'async_trait, 'life2: 'async_trait, Self: 'async_trait \
         {{ {before} Box::pin(async move {{ let __self = self; let tx = tx; let n = n; \
         let __ret: Result<u8, E> = {{ {body} }}; #[allow(unreachable_code)] __ret }}) }}"
    )
}

/// Up to so many of them, in order, none twice.
fn several<'p>(rng: &mut Rng, from: &[&'p str], most: usize) -> Vec<&'p str> {
    let mut picked = rng.choose_multiple(from.iter().copied(), rng.clone().usize(..=most));
    picked.dedup();
    picked
}
