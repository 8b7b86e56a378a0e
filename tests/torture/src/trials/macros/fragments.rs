//! Token streams of any shape: fragments of options, functions and nonsense, nested up to sixty deep.

use fastrand::Rng;
use txkit_expander::Kind;

use super::case::{Case, Expected, pick};
use super::pool::{CHUNKS, LITERALS, OPTIONS, SIGNS, WORDS};

/// How deep groups stand in groups when they do.
const DEEP: usize = 60;

pub(super) fn case(rng: &mut Rng) -> Case {
    let args = match rng.u8(..4) {
        0 => String::new(),
        1 => stream(rng, 0, OPTIONS),
        _ => options(rng),
    };
    let item = match rng.u8(..8) {
        0 => String::new(),
        1 => stream(rng, 0, WORDS),
        2 => other_item(rng),
        _ => half_function(rng),
    };
    Case {
        kind: pick(rng, &Kind::ALL),
        args,
        item,
        expected: Expected::Either,
        captured: (rng.u8(..4) == 0).then(|| rng.u64(..)),
    }
}

/// Any tokens: of the given words most of all.
pub(super) fn stream(rng: &mut Rng, depth: usize, words: &[&str]) -> String {
    let mut text = String::new();
    for _ in 0..rng.usize(..8) {
        text.push_str(&fragment(rng, depth, words));
        text.push(' ');
    }
    text
}

/// One token, or a group of them.
pub(super) fn fragment(rng: &mut Rng, depth: usize, words: &[&str]) -> String {
    match rng.u8(..24) {
        0..8 => pick(rng, words).to_owned(),
        8..11 => pick(rng, WORDS).to_owned(),
        11..14 => pick(rng, LITERALS).to_owned(),
        14..19 => pick(rng, SIGNS).to_owned(),
        19..21 => pick(rng, CHUNKS).to_owned(),
        21 if depth == 0 => nested(rng),
        _ if depth < 4 => {
            let (open, close) = delimiters(rng);
            format!("{open}{}{close}", stream(rng, depth + 1, words))
        }
        _ => ",".to_owned(),
    }
}

/// One thing many levels down, among delimiters or what syn recurses on.
fn nested(rng: &mut Rng) -> String {
    let (open, close) = match rng.u8(..6) {
        0 => ("Vec<", ">"),
        1 => ("&mut ", ""),
        2 => ("!(", ")"),
        3 => ("if a {", "}"),
        _ => delimiters(rng),
    };
    let inside = pick(rng, WORDS);
    let depth = rng.usize(..=DEEP);
    format!("{} {inside} {}", open.repeat(depth), close.repeat(depth))
}

fn delimiters(rng: &mut Rng) -> (&'static str, &'static str) {
    pick(rng, &[("(", ")"), ("[", "]"), ("{", "}")])
}

/// A list that looks like options.
pub(super) fn options(rng: &mut Rng) -> String {
    let mut text = String::new();
    for _ in 0..rng.usize(..5) {
        text.push_str(pick(rng, OPTIONS));
        let value = fragment(rng, 1, OPTIONS);
        match rng.u8(..6) {
            0 => (),
            1 => text.push_str(&format!("({})", options_inside(rng))),
            2 => text.push_str(&format!("({value})")),
            _ => text.push_str(&format!(" = {value}")),
        }
        text.push_str(if rng.u8(..8) == 0 { " " } else { ", " });
    }
    text
}

fn options_inside(rng: &mut Rng) -> String {
    let value = fragment(rng, 1, OPTIONS);
    format!("{} = {value}, {}", pick(rng, OPTIONS), pick(rng, OPTIONS))
}

fn other_item(rng: &mut Rng) -> String {
    let item = pick(
        rng,
        &[
            "struct S { a: u8 }",
            "enum E { A }",
            "union U { a: u8 }",
            "trait T { fn f(&self); }",
            "impl T for S { fn f(&self) {} }",
            "mod m { fn f() {} }",
            "mod m;",
            "use a::b;",
            "extern crate x;",
            "extern \"C\" { fn f(); }",
            "static X: u8 = 1;",
            "const X: u8 = 1;",
            "type A = u8;",
            "macro_rules! m { () => {} }",
            "m! { fn f() {} }",
            "fn f(tx: PgTx<'_>);",
            "let x = 1;",
            "1 + 1",
            "|tx| async {}",
            "{ fn f() {} }",
            "async {}",
            "pub(in a) async",
            "trait A = B;",
        ],
    );
    let before = match rng.u8(..3) {
        0 => "",
        1 => "#[transactional(nonsense)] ",
        _ => "/// words\npub ",
    };
    format!("{before}{item}")
}

/// A function, each part of which may be missing or nonsense.
fn half_function(rng: &mut Rng) -> String {
    let mut text = String::new();
    for (often, parts) in [
        (
            40,
            &[
                "/// words\n",
                "#[read_only]",
                "#[txkit::serializable(timeout = 5)]",
                "#[cfg(x)]",
                "#[expect(unused)]",
            ][..],
        ),
        (
            50,
            &["pub", "pub(crate)", "pub(in a::b)", "crate", "default"],
        ),
        (
            60,
            &[
                "async",
                "async",
                "const",
                "async unsafe",
                "safe",
                "extern \"C\"",
                "extern",
                "unsafe extern \"Rust\"",
            ],
        ),
        (97, &["fn"]),
        (97, &["f", "r#move", "body", "_", "self"]),
        (
            30,
            &[
                "<T>",
                "<'a, T: Clone>",
                "<const N: usize = 5>",
                "<C: AsyncConnection>",
                "<C>",
                "<>",
                "<T,,>",
                "<'tx>",
            ],
        ),
    ] {
        part(rng, &mut text, often, parts);
    }
    if rng.u8(..20) > 0 {
        let list = (0..rng.usize(..4))
            .map(|_| parameter(rng))
            .collect::<Vec<_>>();
        text.push_str(&format!("({})", list.join(", ")));
    }
    for (often, parts) in [
        (
            90,
            &[
                "-> Result<(), E>",
                "-> Result<T, E>",
                "-> sqlx::Result<u8>",
                "-> Option<u8>",
                "-> impl Future",
                "->",
                "-> Result<Result<A, B>, E>",
            ][..],
        ),
        (
            20,
            &[
                "where T: Send",
                "where",
                "where C: BlockingConnection,",
                "where for<'x> F: Fn(&'x u8)",
            ],
        ),
    ] {
        part(rng, &mut text, often, parts);
    }
    match rng.u8(..12) {
        0 => text.push(';'),
        1 => (),
        _ => text.push_str(&format!("{{ {} }}", stream(rng, 2, WORDS))),
    }
    text
}

fn part(rng: &mut Rng, text: &mut String, often: u8, parts: &[&str]) {
    if rng.u8(..100) < often {
        let noise = match rng.u8(..40) {
            0 => fragment(rng, 2, WORDS),
            _ => String::new(),
        };
        text.push_str(&format!("{} {noise} ", pick(rng, parts)));
    }
}

fn parameter(rng: &mut Rng) -> String {
    const NAMES: &[&str] = &[
        "tx",
        "mut tx",
        "_",
        "_tx",
        "n",
        "(a, b)",
        "ref x",
        "S { a, .. }",
        "r#in",
        "A | B",
        "#[cfg(x)] y",
    ];
    const TYPES: &[&str] = &[
        "PgTx<'_>",
        "&mut PgTx<'_>",
        "Tx<'_, C>",
        "&mut C",
        "Tx<C>",
        "PgTx",
        "ReadTx<'_, PgPool>",
        "&'a mut Tx<'a, C>",
        "r#PgTx<'_>",
        "r#PgTx",
        "r#PgReadTx<'_>",
        "PgSession<'_>",
        "&mut PgSession<'_>",
        "PgPool",
        "&PgPool",
        "impl Begin<A, B>",
        "&mut impl C",
        "<T as A>::Tx<'_>",
        "Transaction<'_, Postgres>",
        "&mut PgConnection",
        "Conn",
        "u8",
        "!",
        "(u8, u8)",
        "[u8; 5]",
        "dyn A",
        "fn(u8) -> u8",
        "_",
        "m!(a)",
        "&&mut &PgTx<'_>",
        "(PgTx<'_>)",
        "Tx('_)",
        "PgTx::<'_>",
        "::a::Tx<'_, C, D>",
        "Pool<Pool<Pool<Postgres>>>",
    ];
    match rng.u8(..16) {
        0 => pick(
            rng,
            &[
                "self",
                "&self",
                "&mut self",
                "self: Box<Self>",
                "...",
                "args: ...",
                "self: &mut Self",
            ],
        )
        .to_owned(),
        1 => fragment(rng, 2, WORDS),
        _ => format!("{}: {}", pick(rng, NAMES), pick(rng, TYPES)),
    }
}
