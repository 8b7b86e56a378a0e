//! What must not compile, in folders named for the cause, and what the compiler says: the remedy, at the user's token.
//! What must compile is in `ui/pass`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

#[path = "ui/pass/mod.rs"]
mod pass;

#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    for cause in causes() {
        cases.compile_fail(cause.join("*.rs"));
    }
}

/// A case without its text would pass whatever the compiler said, and a text without its case is never read.
#[test]
fn every_case_has_its_text() {
    let files: Vec<PathBuf> = causes().iter().flat_map(|cause| folder(cause)).collect();
    let alone = files.iter().filter(|file| {
        let other = if file.extension().is_some_and(|e| e == "rs") {
            "stderr"
        } else {
            "rs"
        };
        !file.with_extension(other).exists()
    });
    assert_eq!(alone.collect::<Vec<_>>(), Vec::<&PathBuf>::new());
    assert!(!files.is_empty(), "no case in ui");
}

#[test]
fn every_program_is_compiled() {
    let modules = include_str!("ui/pass/mod.rs");
    let files = folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/pass"));
    for name in files.iter().filter_map(|file| file.file_stem()?.to_str()) {
        let module = format!("mod {name};");
        assert!(
            name == "mod" || modules.contains(&module),
            "{module} is missing"
        );
    }
}

/// The folders of what must not compile.
fn causes() -> Vec<PathBuf> {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let mut causes = folder(&ui);
    causes.retain(|path| path.is_dir() && !path.ends_with("pass"));
    causes.sort();
    causes
}

fn folder(path: &Path) -> Vec<PathBuf> {
    fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}
