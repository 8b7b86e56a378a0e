//! What must not compile, in folders named for the cause, and what the compiler says: the remedy, at the user's token.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
}

/// A case without its text would pass whatever the compiler said, and a text without its case is never read.
#[test]
fn every_case_has_its_text() {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let files: Vec<PathBuf> = folder(&ui)
        .iter()
        .filter(|cause| cause.is_dir())
        .flat_map(|cause| folder(cause))
        .collect();
    let alone = files.iter().filter(|file| {
        let other = if file.extension().is_some_and(|e| e == "rs") {
            "stderr"
        } else {
            "rs"
        };
        !file.with_extension(other).exists()
    });
    assert_eq!(alone.collect::<Vec<_>>(), Vec::<&PathBuf>::new());
    assert!(!files.is_empty(), "no case in {}", ui.display());
}

fn folder(path: &Path) -> Vec<PathBuf> {
    fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}
