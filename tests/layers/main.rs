//! The architecture, asserted: layers import downwards only, expansions name `__private` alone, files stay small.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod source;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use source::{Token, imports, tokens};
use table::{DATA, LINES, Layer, MACROS, NAMES_THE_RUNTIME, RUNTIME, TORTURE};

#[test]
fn the_runtimes_layers_import_downwards() {
    none(&layering("runtime/src", RUNTIME));
}

#[test]
fn the_macros_phases_import_downwards() {
    none(&layering("macros/src", MACROS));
}

#[test]
fn the_tortures_trials_know_no_driver() {
    none(&layering("tests/torture/src", TORTURE));
}

#[test]
fn expansions_name_the_private_module_only() {
    let files = files(&["macros/src"]);
    none(
        &files
            .iter()
            .flat_map(|(name, text)| expansion(name, &tokens(text)))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn nobody_else_names_the_private_module() {
    let files = files(&["examples", "tests", "patterns"]);
    none(
        &files
            .iter()
            .flat_map(|(name, text)| words(name, &tokens(text), &["__private"]))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn files_are_small_and_say_what_they_are() {
    let files = files(&["macros", "runtime", "patterns", "examples", "tests"]);
    none(
        &files
            .iter()
            .flat_map(|(name, text)| shape(name, text))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn there_is_no_unsafe_code() {
    let files = files(&["macros", "runtime", "patterns", "examples", "tests"]);
    none(
        &files
            .iter()
            .flat_map(|(name, text)| words(name, &tokens(text), &["unsafe"]))
            .collect::<Vec<_>>(),
    );
}

/// Every file of a crate against its table.
fn layering(folder: &str, table: &[Layer]) -> Vec<String> {
    let files = files(&[folder]);
    assert!(!files.is_empty(), "no source in `{folder}`");
    files
        .iter()
        .flat_map(|(name, text)| against(table, name, module_of(folder, name), text))
        .collect()
}

/// One file against the table: the modules it names, the words it must not hold.
fn against(table: &[Layer], name: &str, module: &str, text: &str) -> Vec<String> {
    let Some((own, home)) = place(table, module) else {
        return vec![format!(
            "{name}: in no layer; add `{module}` to the table in tests/layers/table.rs"
        )];
    };
    let tokens = tokens(text);
    let path: Vec<&str> = module.split('/').filter(|part| *part != "lib").collect();
    let mut found: Vec<String> = table[own]
        .without
        .iter()
        .flat_map(|list| words(name, &tokens, list))
        .collect();
    for import in imports(&path, &tokens) {
        let to = import.path.join("/");
        let wrong = match place(table, &to) {
            // What the crate's root offers is for users and for the last layer.
            None if own + 1 == table.len() => continue,
            None => {
                "is no module of the table in tests/layers/table.rs; name an item by its module"
                    .to_owned()
            }
            Some((other, _)) if other > own => format!(
                "is of layer `{}`, above `{}`",
                table[other].name, table[own].name
            ),
            Some((other, there)) if other == own && table[own].apart && !related(home, there) => {
                format!("is a sibling of `{home}`, and those know nothing of each other")
            }
            Some(_) => continue,
        };
        found.push(format!(
            "{name}:{}: `crate::{}` {wrong}",
            import.line,
            import.path.join("::")
        ));
    }
    found
}

/// The layer of a module and the table's entry for it, the longest that fits.
fn place(table: &[Layer], module: &str) -> Option<(usize, &'static str)> {
    let all = table
        .iter()
        .enumerate()
        .flat_map(|(n, layer)| layer.modules.iter().map(move |entry| (n, *entry)));
    all.filter(|(_, entry)| within(module, entry))
        .max_by_key(|(_, entry)| entry.len())
}

fn within(module: &str, entry: &str) -> bool {
    module
        .strip_prefix(entry)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The same entry, or one that holds the other, as a folder's `mod.rs` does.
fn related(one: &str, other: &str) -> bool {
    within(one, other) || within(other, one)
}

/// Where code names the runtime other than by its private module, or elsewhere than in one place.
fn expansion(name: &str, tokens: &[Token<'_>]) -> Vec<String> {
    let elsewhere = if name == NAMES_THE_RUNTIME {
        Vec::new()
    } else {
        words(name, tokens, &["__private", "txkit"])
    };
    let public = tokens.windows(3).filter(|run| {
        run[0].text == "txkit" && (run[1].text != "::" || run[2].text != "__private")
    });
    let public = public.map(|run| {
        format!(
            "{name}:{}: an expansion may name `txkit::__private` only",
            run[0].line
        )
    });
    elsewhere.into_iter().chain(public).collect()
}

/// Where these words stand in code.
fn words(name: &str, tokens: &[Token<'_>], banned: &[&str]) -> Vec<String> {
    let met = tokens.iter().filter(|token| banned.contains(&token.text));
    met.map(|token| format!("{name}:{}: `{}` has no place here", token.line, token.text))
        .collect()
}

fn shape(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines = text.lines().count();
    if lines > LINES {
        found.push(format!(
            "{name}: {lines} lines, more than {LINES}: one idea each?"
        ));
    }
    if !text.starts_with("//! ") {
        found.push(format!(
            "{name}: open it with one `//!` sentence: what it is, and what it knows nothing of"
        ));
    }
    found
}

#[track_caller]
fn none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// `runtime/src/run/mod.rs` is `run`, `runtime/src/tx.rs` is `tx`.
fn module_of<'n>(folder: &str, name: &'n str) -> &'n str {
    let inner = name
        .strip_prefix(folder)
        .unwrap_or(name)
        .trim_start_matches('/')
        .trim_end_matches(".rs");
    inner.strip_suffix("/mod").unwrap_or(inner)
}

/// The Rust files below these folders of the workspace, by their path from its root.
fn files(folders: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace's root");
    let mut paths = Vec::new();
    for folder in folders {
        collect(&root.join(folder), &mut paths);
    }
    paths.sort();
    let name = |path: &Path| {
        path.strip_prefix(root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/")
    };
    paths
        .iter()
        .map(|path| (name(path), fs::read_to_string(path).unwrap()))
        .collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    // A folder that is not there yet holds nothing.
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && !DATA.contains(&name.as_str()) {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// The checks themselves, on made-up source: each finds what it is for.
mod the_checks {
    use super::*;

    /// The complaints about `text` as a module of a made-up crate.
    fn of(module: &str, text: &str) -> Vec<String> {
        const TABLE: &[Layer] = &[
            Layer {
                name: "low",
                modules: &["low"],
                without: &[&["async"]],
                apart: false,
            },
            Layer {
                name: "high",
                modules: &["high"],
                without: &[],
                apart: false,
            },
            Layer {
                name: "doors",
                modules: &["door", "door/left", "door/right"],
                without: &[],
                apart: true,
            },
            Layer {
                name: "top",
                modules: &["lib"],
                without: &[],
                apart: false,
            },
        ];
        against(TABLE, "made_up.rs", module, text)
    }

    #[track_caller]
    fn complains(module: &str, text: &str, about: &str) {
        let found = of(module, text);
        assert!(
            found.len() == 1 && found[0].contains(about),
            "{text}: {found:?}"
        );
    }

    #[test]
    fn an_upward_import_is_found() {
        complains(
            "low",
            "//! x\nuse crate::high::A;",
            "made_up.rs:2: `crate::high::A` is of layer `high`, above `low`",
        );
        complains("low/a/b", "use super::super::super::high;", "above");
        complains("low", "use crate::{low::B, high::{self}};", "above");
        complains("low", "fn f() { let _ = crate::high::f(); }", "above");
        complains("low", "mod tests { use super::super::high; }", "above");
    }

    #[test]
    fn a_downward_or_sideways_import_is_none() {
        none(&of(
            "high",
            "use crate::low::A; use super::low; use self::x::y; pub(crate) fn f() {}",
        ));
        none(&of(
            "high/a",
            "use super::b; use crate::high::{c, d as e}; pub(super) fn f() {}",
        ));
        none(&of(
            "high",
            "mod tests { use super::*; mod more { use super::super::x; } }",
        ));
        none(&of(
            "low",
            "// crate::high\n/* crate::high /* */ crate::high */ const A: &str = \"crate::high\";",
        ));
        none(&of(
            "low",
            "const A: &str = r#\"\" crate::high\"#; fn f<'a>(c: char) -> bool { c == '\"' || c == '\\'' }",
        ));
        none(&of("lib", "use crate::Anything; use crate::high::A;"));
    }

    #[test]
    fn siblings_that_must_not_know_each_other_are_found() {
        complains(
            "door/left",
            "use super::right::A;",
            "`crate::door::right::A` is a sibling of `door/left`",
        );
        none(&of(
            "door/left/inner",
            "use crate::door::left::A; use crate::door::shared; use crate::low::B;",
        ));
    }

    #[test]
    fn an_unknown_module_is_found() {
        complains(
            "new",
            "",
            "in no layer; add `new` to the table in tests/layers/table.rs",
        );
        complains("low", "use crate::Name;", "name an item by its module");
    }

    #[test]
    fn words_are_found_in_code_only() {
        complains(
            "low",
            "//! async\nasync fn f() {}",
            "made_up.rs:2: `async` has no place here",
        );
        none(&of(
            "low",
            "//! async\nconst A: &str = \"async\"; fn asynchronous() {}",
        ));
    }

    #[test]
    fn a_public_name_in_an_expansion_is_found() {
        let of = |text| expansion(NAMES_THE_RUNTIME, &tokens(text)).len();
        assert_eq!(of("quote!(::txkit::Tx)"), 1);
        assert_eq!(of("quote!(::txkit::__private::Tx)"), 0);
        assert_eq!(
            expansion(
                "macros/src/expand/x.rs",
                &tokens("quote!(::txkit::__private::Tx)")
            )
            .len(),
            2
        );
    }

    #[test]
    fn a_bad_shape_is_found() {
        assert_eq!(
            shape("x.rs", &"//! x\n".repeat(LINES)),
            Vec::<String>::new()
        );
        assert_eq!(shape("x.rs", &"\n".repeat(LINES + 1)).len(), 2);
    }
}
