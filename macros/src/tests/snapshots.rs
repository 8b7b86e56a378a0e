//! Each file of `tests/expansions` holds an input and what becomes of it. `UPDATE_EXPAND=1 cargo test` writes the outputs.

use std::path::{Path, PathBuf};

use super::{expand, messages};

const INPUT: &str = "// Input:\n";
const OUTPUT: &str = "\n// Output:\n";

#[test]
fn expansions_are_as_stored() {
    let mut different = Vec::new();
    for path in stored() {
        let text = std::fs::read_to_string(&path).expect("a stored expansion is readable");
        let (input, output) = text.split_once(OUTPUT).unwrap_or((&text, ""));
        let input = input.trim_start_matches(INPUT).trim_end();
        let expanded = expand(input);
        assert_eq!(messages(&expanded), [""; 0], "{}", path.display());
        let file = syn::parse2(expanded).expect("an expansion is a list of items");
        let pretty = prettyplease::unparse(&file);
        if pretty == output {
            continue;
        }
        if std::env::var_os("UPDATE_EXPAND").is_some() {
            let text = format!("{INPUT}{input}\n{OUTPUT}{pretty}");
            std::fs::write(&path, text).expect("a stored expansion is writable");
        } else {
            different.push(format!("{}:\n{pretty}", path.display()));
        }
    }
    assert!(
        different.is_empty(),
        "run with UPDATE_EXPAND=1 and look at the change:\n{}",
        different.join("\n")
    );
}

fn stored() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expansions");
    let entries = std::fs::read_dir(folder).expect("the stored expansions are there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry is readable").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths
}
