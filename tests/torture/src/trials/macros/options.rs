//! Options that fit each other and the function below them, by rules of its own; then one mistake, or all at random.

use fastrand::Rng;
use txkit_expander::Kind;

use super::case::{Case, Expected, pick};
use super::mistakes::MISTAKES;
use super::shapes::{self, Flaw, Holds, Shape, Style, Takes};

/// Options by key, how to retry, and the attributes that say some of it.
struct Plan {
    shape: Shape,
    options: Vec<(&'static str, String)>,
    retry: Option<String>,
    kinds: Vec<Kind>,
}

pub(super) fn case(rng: &mut Rng) -> Case {
    match rng.u8(..4) {
        0 | 1 => valid(rng),
        2 => mistaken(rng),
        _ => wild(rng),
    }
}

/// To be accepted as it stands.
pub(super) fn valid(rng: &mut Rng) -> Case {
    let plan = plan(rng);
    written(rng, plan, Flaw::default(), Expected::Accepted)
}

/// The same with one thing wrong.
fn mistaken(rng: &mut Rng) -> Case {
    let mut plan = plan(rng);
    let mut flaw = Flaw::default();
    match rng.u8(..8) {
        0 if plan.shape.style != Style::Boxed => {
            flaw.qualifier = pick(rng, &["const", "unsafe", "extern \"C\""])
        }
        1 if plan.shape.style != Style::Boxed => {
            flaw.ret = Some(pick(
                rng,
                &[
                    "Option<u8>",
                    "bool",
                    "(u8, u8)",
                    "Result<Result<u8, A>, E>",
                    "impl Display",
                    "!",
                ],
            ));
        }
        2 if !plan.options.is_empty() => {
            let again = rng.usize(..plan.options.len());
            plan.options.push(plan.options[again].clone());
        }
        _ => {
            let present = |key| {
                plan.options.iter().any(|it| it.0 == key)
                    || (key == "retry" && plan.retry.is_some())
                    || (key == "isolation" && plan.kinds.contains(&Kind::Serializable))
                    || (key == "read_only" && plan.kinds.contains(&Kind::ReadOnly))
            };
            let fitting: Vec<_> = MISTAKES.iter().filter(|it| !present(it.0)).collect();
            let (key, text) = *pick(rng, &fitting);
            plan.options.push((key, text.to_owned()));
        }
    }
    written(rng, plan, flaw, Expected::OneError)
}

/// Any options on any function, valid by chance.
fn wild(rng: &mut Rng) -> Case {
    let mut all = plan(rng);
    all.shape = plan(rng).shape;
    for _ in 0..rng.u8(..4) {
        let other = plan(rng);
        all.options.extend(other.options);
        all.retry = all.retry.or(other.retry);
    }
    all.kinds.extend(rng.choose_multiple(Kind::ALL, 2));
    if rng.u8(..4) == 0 {
        let (key, text) = pick(rng, MISTAKES);
        all.options.push((key, text.to_owned()));
    }
    rng.shuffle(&mut all.options);
    written(rng, all, Flaw::default(), Expected::Either)
}

fn plan(rng: &mut Rng) -> Plan {
    let propagation = match rng.u8(..3) {
        0 => None,
        _ => Some(pick(
            rng,
            &[
                "required",
                "requires_new",
                "nested",
                "mandatory",
                "supports",
                "not_supported",
                "never",
            ],
        )),
    };
    let begins = !matches!(propagation, Some("supports" | "not_supported" | "never"));
    let mandatory = propagation == Some("mandatory");
    let (takes, holds, style) = handle(rng, propagation, begins);
    let mut kinds = Vec::new();
    let mut options = Vec::new();
    let mut give = |key: &'static str, value: &str| options.push((key, format!("{key}{value}")));
    if let Some(word) = propagation {
        give("propagation", &format!(" = {word}"));
    }
    let reads = begins && matches!(holds, Holds::ReadTx | Holds::Connection) && rng.bool();
    if reads {
        preset(rng, &mut kinds, Kind::ReadOnly, || give("read_only", ""));
    }
    if begins && rng.u8(..3) > 0 {
        let word = pick(
            rng,
            &[
                "read_uncommitted",
                "read_committed",
                "repeatable_read",
                "serializable",
                "serializable",
            ],
        );
        match word {
            "serializable" => preset(rng, &mut kinds, Kind::Serializable, || {
                give("isolation", " = serializable")
            }),
            _ => give("isolation", &format!(" = {word}")),
        }
        if word == "serializable" && reads && rng.bool() {
            give("deferrable", "");
        }
    }
    if begins {
        for key in ["timeout", "statement_timeout", "lock_timeout"] {
            if rng.u8(..4) == 0 {
                give(
                    key,
                    pick(
                        rng,
                        &[
                            " = \"5s\"",
                            " = \"1us\"",
                            " = \"35791m\"",
                            " = \"2147483647ms\"",
                            " = r\"10ms\"",
                            " = r#\"007s\"#",
                        ],
                    ),
                );
            }
        }
    }
    let joins = takes == Takes::Reference
        && matches!(holds, Holds::Tx | Holds::ReadTx)
        && propagation != Some("requires_new");
    let retry = (begins && !mandatory && !joins && rng.bool()).then(|| retry(rng));
    if retry.is_some() && rng.bool() {
        kinds.push(Kind::RetryOnConflict);
    }
    if matches!(propagation, None | Some("required"))
        && takes != Takes::Reference
        && rng.u8(..4) == 0
    {
        give("durable", "");
    }
    if !matches!(propagation, Some("not_supported" | "never")) {
        for key in ["commit_on", "no_mark"] {
            if rng.u8(..4) == 0 {
                give(key, pick(rng, PATTERNS));
            }
        }
    }
    if takes == Takes::On {
        give("on", pick(rng, SOURCES));
    }
    if rng.u8(..5) == 0 {
        give(
            "name",
            pick(
                rng,
                &[" = \"x\"", " = r#\"a \" b\"#", " = \"{}\\u{1F600}\\0\""],
            ),
        );
    }
    if rng.u8(..5) == 0 {
        give(
            "crate",
            pick(
                rng,
                &[
                    " = vendored::kit",
                    " = ::vendored::kit",
                    " = crate::vendored::kit",
                ],
            ),
        );
    }
    let retried = retry.is_some();
    let shape = Shape {
        takes,
        holds,
        style,
        retried,
    };
    Plan {
        shape,
        options,
        retry,
        kinds,
    }
}

const PATTERNS: &[&str] = &[
    "(E::A)",
    "(E::A | E::B(_))",
    "(| E::C { .. })",
    "(_)",
    "(1..=5)",
    "(\"x\" | GONE | Gone)",
    "(m!(a))",
    "(&(E::A, ref b))",
    "([a, .., b])",
    "(A @ E::B)",
];

const SOURCES: &[&str] = &[
    " = self.pool",
    " = pool",
    " = &self.pool",
    " = Self::POOL",
    " = self.pool()",
    " = &mut *conn",
    " = pools[0]",
    " = POOL.get_or_init(|| connect()).await?",
    " = { pool }",
    " = if a { b } else { c }",
    " = a::<B, C>()",
    " = (a, b).0",
    " = *pool",
    " = m!(pool)",
    " = async { pool }.await",
    " = pool as Pool",
    " = a + b",
];

fn handle(rng: &mut Rng, propagation: Option<&str>, begins: bool) -> (Takes, Holds, Style) {
    let style = pick(
        rng,
        &[Style::Async, Style::Async, Style::Blocking, Style::Boxed],
    );
    let takes = match propagation {
        Some("mandatory") => Takes::Reference,
        // A session of the caller's could be in a transaction.
        Some("never") => pick(rng, &[Takes::Value, Takes::On]),
        _ => pick(rng, &[Takes::Value, Takes::Reference, Takes::On]),
    };
    // A by-value handle does not fit a trait.
    let takes = match style {
        Style::Boxed if takes == Takes::Value => Takes::On,
        _ => takes,
    };
    let holds = match takes {
        _ if !begins => Holds::Session,
        Takes::Reference if propagation != Some("mandatory") => {
            pick(rng, &[Holds::Tx, Holds::ReadTx, Holds::Connection])
        }
        _ => pick(rng, &[Holds::Tx, Holds::ReadTx]),
    };
    (takes, holds, style)
}

/// By an attribute of its own or by an option.
fn preset(rng: &mut Rng, kinds: &mut Vec<Kind>, kind: Kind, option: impl FnOnce()) {
    match rng.bool() {
        true => kinds.push(kind),
        false => option(),
    }
}

fn retry(rng: &mut Rng) -> String {
    let all = [
        "attempts = 5",
        "base = \"10ms\"",
        "cap = \"1s\"",
        "budget = \"5m\"",
        "also(E::A | E::B(_))",
    ];
    let some = rng.usize(..=all.len());
    rng.choose_multiple(all, some).join(", ")
}

/// The options spread over the attributes that may hold them, in any order.
fn written(rng: &mut Rng, plan: Plan, flaw: Flaw, expected: Expected) -> Case {
    let Plan {
        shape,
        mut options,
        retry,
        mut kinds,
    } = plan;
    if let Some(retry) = &retry
        && !kinds.contains(&Kind::RetryOnConflict)
    {
        options.push((
            "retry",
            if retry.is_empty() {
                "retry".to_owned()
            } else {
                format!("retry({retry})")
            },
        ));
    }
    let holds_none = kinds.iter().all(|it| *it == Kind::RetryOnConflict);
    if kinds.is_empty()
        || (holds_none && !options.is_empty())
        || rng.u8(..4) == 0 && !kinds.contains(&Kind::Transactional)
    {
        kinds.push(Kind::Transactional);
    }
    rng.shuffle(&mut kinds);
    let mut lists = vec![Vec::new(); kinds.len()];
    for (at, kind) in kinds.iter().enumerate() {
        if *kind == Kind::RetryOnConflict
            && let Some(retry) = &retry
        {
            lists[at].push(retry.clone());
        }
    }
    let holders: Vec<usize> = (0..kinds.len())
        .filter(|at| kinds[*at] != Kind::RetryOnConflict)
        .collect();
    for (_, text) in options {
        lists[pick(rng, &holders)].push(text);
    }
    let mut attributes = kinds.iter().zip(&lists).map(|(kind, list)| {
        let list: Vec<_> = list.iter().filter(|it| !it.is_empty()).cloned().collect();
        (*kind, list.join(", "))
    });
    let (kind, args) = attributes
        .next()
        .unwrap_or((Kind::Transactional, String::new()));
    let mut item: String = attributes
        .map(|(kind, args)| match args.is_empty() {
            true => format!("#[txkit::{}] ", kind.name()),
            false => format!("#[{}({args})] ", kind.name()),
        })
        .collect();
    item.push_str(&shapes::function(rng, shape, flaw));
    Case {
        kind,
        args,
        item,
        expected,
        captured: None,
    }
}
